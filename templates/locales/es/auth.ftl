### The frame of every page

skip-to-content = Ir al contenido
problem-of = { $field }: { $text }
error-prefix = Error
problem-title = Hay un problema
heading-and-sentence = { $heading }. { $sentence }
signing-in-as = Inicio de sesión como
signed-in-as = Ha iniciado sesión como { $user }.
not-you = ¿No es usted?
or = o
optional = opcional
all-required = Todos los campos son obligatorios salvo los marcados como opcionales.
language-name = Español
language = Idioma
change-language = Cambiar
help = Ayuda
privacy = Privacidad
terms = Condiciones
contact-support = Contactar con soporte
reference = Referencia: { $id }
needs-javascript = Este paso necesita JavaScript. Actívelo o elija otro método.

### Buttons and links

sign-in = Iniciar sesión
next = Siguiente
continue = Continuar
verify = Verificar
save = Guardar
skip = Omitir
not-now = Ahora no
remind-me-later = Recordármelo más tarde
cancel = Cancelar
allow = Permitir
do-not-allow = No permitir
home = Ir a la página de inicio
start-again = Empezar de nuevo
try-again = Volver a intentarlo
try-another-way = Probar otro método
back-to-sign-in = Volver al inicio de sesión
forgot-password = ¿Ha olvidado su contraseña?
unlock-account = Desbloquear su cuenta
create-account = Crear una cuenta
have-an-account = ¿Ya tiene una cuenta? Inicie sesión
sign-in-with-username = Iniciar sesión con su nombre de usuario
use-hosted-page = Usar la página de inicio de sesión estándar
use-plain-pages = Usar las páginas de inicio de sesión sencillas
request-access = Solicitar acceso
sign-in-as-someone-else = Iniciar sesión con otra cuenta
continue-with = Continuar con { $name }
sign-in-with-passkey = Iniciar sesión con una llave de acceso

### What is announced while a reply is awaited

busy = Un momento…
signing-in = Iniciando sesión…
checking = Comprobando…
sending = Enviando…
saving = Guardando…

### Signing in

to-continue-to = para continuar a { $app }
username = Nombre de usuario
email = Correo electrónico
password = Contraseña
keep-me-signed-in = Mantener la sesión iniciada
enter-username = Introduzca su nombre de usuario
enter-password = Introduzca su contraseña
enter-this = Rellene este campo
fill-in = Rellene este campo: { $field }
bad-credentials = El nombre de usuario o la contraseña no son correctos.
wrong-password = Esa contraseña no es correcta. Compruébela e inténtelo de nuevo.
account-locked = Su cuenta está bloqueada
account-locked-text = Inténtelo más tarde, desbloquéela o contacte con soporte.

### Showing what is typed

show = Mostrar
hide = Ocultar
show-password = Mostrar la contraseña
hide-password = Ocultar la contraseña
password-shown = Su contraseña está visible
password-hidden = Su contraseña está oculta
show-code = Mostrar el código
hide-code = Ocultar el código
code-shown = Su código está visible
code-hidden = Su código está oculto
show-answer = Mostrar la respuesta
hide-answer = Ocultar la respuesta
answer-shown = Su respuesta está visible
answer-hidden = Su respuesta está oculta
show-other = Mostrar lo escrito
hide-other = Ocultar lo escrito
other-shown = Lo escrito está visible
other-hidden = Lo escrito está oculto
caps-lock = El bloqueo de mayúsculas está activado
copy = Copiar
copied = Copiado

### Choosing a method

verify-it-is-you = Confirme que es usted
choose-how-to-verify = Elija cómo confirmar que es usted.
method-password = Contraseña
method-email = Correo electrónico
method-phone = Teléfono
method-sms = Mensaje de texto
method-voice = Llamada telefónica
method-okta-verify-code = Okta Verify: introducir un código
method-okta-verify-push = Okta Verify: recibir una notificación
method-okta-verify = Okta Verify
method-passkey = Llave de acceso o llave de seguridad
method-question = Pregunta de seguridad
method-access-code = Código de acceso temporal

about-password = Algo que solo usted sabe
about-email = Un enlace o un código, enviado a su correo
about-phone = Un código por mensaje de texto o llamada
about-app-code = Un código de una aplicación de su teléfono
about-okta-verify = Códigos y notificaciones de Okta Verify
about-passkey = Su huella, su rostro, su PIN o una llave de seguridad
about-question = La respuesta a una pregunta que usted elige
about-token = Un código de un token que lleva consigo

### Phone

verify-with-phone = Verificar con su teléfono
can-send-code-to = Podemos enviar un código al { $to }.
can-send-code = Podemos enviar un código a su teléfono.
send-text = Enviar un mensaje de texto
call-me = Mejor llamarme
call = Llamarme
carrier-charges = Su operador puede aplicar cargos.

### Codes

check-your-phone = Mire su teléfono
answer-the-call = Responda a la llamada
enter-code-from = Introduzca el código de { $app }
enter-passcode = Introduzca su clave
enter-access-code = Introduzca su código de acceso temporal
code-sent-sms = Hemos enviado un código por mensaje de texto al { $to }.
code-sent-sms-unknown = Hemos enviado un código por mensaje de texto a su teléfono.
code-sent-voice = Estamos llamando al { $to } para decirle un código.
code-sent-voice-unknown = Estamos llamando a su teléfono para decirle un código.
open-app-for-code = Abra { $app } e introduzca el código que muestra.
passcode-from-token = Introduzca el código que muestra su token.
press-your-key = Ponga el cursor en el cuadro y pulse su llave.
access-code-from-support = Introduzca el código que le dio su equipo de soporte.
code = Código
passcode = Clave
next-passcode = Clave siguiente
credential-id = Identificador del token
send-new-code = Enviar un código nuevo
get-code-another-way = Recibir el código de otra forma
enter-code = Introduzca el código
code-wrong = Ese código no es correcto. Compruébelo e inténtelo de nuevo.
code-used = Ese código ya se ha usado. Espere al siguiente.
code-next = Espere a que cambie el número de su token e introduzca el nuevo.
just-sent = { $n ->
    [one] Acabamos de enviar uno. Espere { $n } segundo.
   *[other] Acabamos de enviar uno. Espere { $n } segundos.
}
just-sent-one = Acabamos de enviar uno. Espere 30 segundos.
new-code-sent = Hemos enviado un código nuevo.
set-up-link-sent = Hemos enviado un enlace nuevo.
method-blocked = Este método está bloqueado tras demasiados intentos. Pruebe otro.
too-many-texts = Se han enviado demasiados mensajes de texto. Inténtelo más tarde o pruebe otro método.
too-many-calls = Se han hecho demasiadas llamadas. Inténtelo más tarde o pruebe otro método.

### Email

get-an-email = Recibir un correo
can-email = Podemos enviar un correo a { $to }.
can-email-unknown = Podemos enviar un correo a su dirección.
send-email = Enviarme un correo
check-your-email = Mire su correo
email-sent-link-or-code = Hemos enviado un correo a { $to }. Abra el enlace que contiene o introduzca aquí su código.
email-sent-link-or-code-unknown = Le hemos enviado un correo. Abra el enlace que contiene o introduzca aquí su código.
email-sent-code = Hemos enviado un correo a { $to }. Introduzca aquí el código que contiene.
email-sent-code-unknown = Le hemos enviado un correo. Introduzca aquí el código que contiene.
email-sent-to-both = Hemos enviado un correo a { $to } y a { $other }. Abra el enlace que contiene o introduzca aquí su código.
send-again = Enviar otro correo
waiting-for-link = Esperamos a que abra el enlace…
opened-the-link = He abierto el enlace
stopped-checking = Hemos dejado de comprobar. Use el botón de abajo para comprobar de nuevo.

### Push

get-a-push = Recibir una notificación
send-push = Enviar una notificación
send-automatically = Enviarla automáticamente la próxima vez
approve-on-phone = Abra { $app } en su teléfono y apruebe la solicitud. El lugar que muestra puede ser el de nuestra empresa, no el suyo.
tap-number = Abra { $app } en su teléfono y toque este número:
the-number-is = El número es
waiting-for-approval = Esperamos a que apruebe la solicitud…
approved-it = La he aprobado
send-another-push = Enviar otra notificación
push-rejected = La solicitud se rechazó en su teléfono.
push-rejected-not-you = La solicitud se rechazó en su teléfono. Si no fue usted, contacte con soporte.
device-not-checked = No hemos podido comprobar este dispositivo. Pruebe otro método.

### Security question

answer-question = Responda a su pregunta de seguridad
answer = Respuesta
question = Pregunta
choose-question = Elija una pregunta de seguridad
own-question = Escribir mi propia pregunta
your-question = Su propia pregunta
answer-wrong = Esa respuesta no es correcta.
answer-too-short = Use al menos { $p0 } caracteres.
answer-no-tags = No use < ni >.
enter-answer = Introduzca su respuesta
enter-question = Elija o escriba una pregunta

question-disliked_food = ¿Qué comida le gustaba menos de pequeño?
question-name_of_first_plush_toy = ¿Cómo se llamaba su primer peluche?
question-first_award = ¿Por qué recibió su primera medalla o premio?
question-favorite_security_question = ¿Cuál es su pregunta de seguridad favorita?
question-favorite_toy = ¿Qué juguete o peluche le gustaba más de pequeño?
question-first_computer_game = ¿Cuál fue el primer videojuego al que jugó?
question-favorite_movie_quote = ¿Cuál es su cita de película favorita?
question-first_sports_team_mascot = ¿Cuál era la mascota del primer equipo en el que jugó?
question-first_music_purchase = ¿Qué disco o canción compró primero?
question-favorite_art_piece = ¿Cuál es su obra de arte favorita?
question-grandmother_favorite_desert = ¿Cuál era el postre favorito de su abuela?
question-first_thing_cooked = ¿Qué fue lo primero que aprendió a cocinar?
question-childhood_dream_job = ¿En qué soñaba trabajar de pequeño?
question-first_kiss_location = ¿Dónde fue su primer beso?
question-place_where_significant_other_was_met = ¿Dónde conoció a su pareja?
question-favorite_vacation_location = ¿Dónde pasó sus mejores vacaciones?
question-new_years_two_thousand = ¿Dónde estaba en la Nochevieja del año 2000?
question-favorite_speaker_actor = ¿Quién es su orador o actor favorito?
question-favorite_book_movie_character = ¿Cuál es su personaje favorito de un libro o una película?
question-favorite_sports_player = ¿Quién es su deportista favorito?

### Passkeys

use-your-passkey = Use su llave de acceso
passkey-lead = Su navegador le pedirá la huella, el rostro, el PIN o una llave de seguridad.
continue-with-passkey = Continuar con la llave de acceso
create-a-passkey = Crear una llave de acceso
create-passkey-lead = Su navegador le preguntará dónde guardarla.
create-passkey = Crear la llave de acceso
passkey-verified-by-you = Se le pedirá la huella, el rostro o el PIN.
cant-use-passkey = ¿No puede usarla?
cant-use-passkey-text = Pruebe en otro dispositivo donde haya guardado una llave de acceso, o elija otro método abajo.
passkey-failed = Esa llave de acceso no ha funcionado. Inténtelo de nuevo o pruebe otro método.
passkey-cancelled = La solicitud se canceló o caducó. Inténtelo de nuevo.
passkey-domain = Las llaves de acceso no están configuradas para esta dirección web. Pruebe otro método.
passkey-exists = Este dispositivo ya tiene una llave de acceso para su cuenta.
passkey-unsupported = Este navegador no puede usar llaves de acceso. Pruebe otro método.

### Setting up methods

set-up-methods = Configurar métodos de seguridad
set-up-methods-lead = Los métodos de seguridad protegen su cuenta y le ayudan a volver a entrar.
required-now = Obligatorios ahora
required-soon = Obligatorios pronto
optional-methods = Opcionales
required-by = Obligatorio antes del { $date }
skips-left = { $n ->
    [one] Puede aplazarlo { $n } vez más.
   *[other] Puede aplazarlo { $n } veces más.
}
choose-a-password = Elija una contraseña
add-your-phone = Añada su teléfono
use-another-number = Usar otro número de teléfono
phone-number = Número de teléfono
phone-hint = Empiece por el prefijo del país, como +44 7700 900123.
phone-invalid = Introduzca un número de teléfono con el prefijo del país, como +44 7700 900123.
extension = Extensión
how-to-get-code = ¿Cómo quiere recibir el código?
by-text = Mensaje de texto
by-call = Llamada telefónica
send-code = Enviar el código
set-up-app = Configurar una aplicación de autenticación
set-up-app-lead = Escanee esta imagen con su aplicación de autenticación e introduzca el código que muestra.
qr-alt = Un código QR para escanear con su aplicación. Si no puede escanearlo, use la clave que figura debajo.
qr-alt-only = Un código QR para escanear con su aplicación.
cant-scan = ¿No puede escanearlo?
enter-key = Introduzca esta clave en su aplicación:
set-up-okta-verify = Configurar Okta Verify
set-up-okta-verify-lead = Instale primero Okta Verify en su teléfono desde su tienda de aplicaciones.
set-up-from-other-device = Abra Okta Verify en un dispositivo donde ya lo usa y añada este dispositivo desde allí.
set-up-another-way = Configurar Okta Verify de otra forma
get-okta-verify = Descargar Okta Verify
set-up-how = ¿Cómo quiere continuar en su teléfono?
by-qr = Escanear un código QR
by-email-link = Recibir un enlace por correo
by-text-link = Recibir un enlace por mensaje de texto
scan-with-okta-verify = Abra Okta Verify en su teléfono, añada una cuenta y escanee esta imagen.
link-sent-to = Hemos enviado un enlace a { $to }. Ábralo en su teléfono.
link-sent = Le hemos enviado un enlace. Ábralo en su teléfono.
send-link = Enviar el enlace
waiting-for-phone = Esperamos a su teléfono…
set-it-up = Ya lo he configurado
set-up-token = Configurar su token
token-username = Nombre de usuario en el servicio del token
ask-support-to-set-up = Pida a soporte que lo configure por usted.
set-up-failed = No hemos podido configurarlo. Inténtelo de nuevo.
verify-failed = No ha funcionado. Inténtelo de nuevo.
okta-verify-update = Actualice Okta Verify, active en ella la biometría para su cuenta e inténtelo de nuevo.
app-turn-on-biometrics = Active la biometría para su cuenta en la aplicación e inténtelo de nuevo.
okta-verify-device-unfit = Okta Verify no se puede configurar en este dispositivo. Use otro dispositivo o contacte con soporte.
okta-verify-update-only = Actualice Okta Verify e inténtelo de nuevo.

### Passwords

reset-password = Restablecer su contraseña
choose-a-new-password = Elija una contraseña nueva
new-password = Contraseña nueva
confirm-password = Introdúzcala otra vez
save-password = Guardar la contraseña
sign-out-elsewhere = Cerrar mi sesión en los demás dispositivos
password-needs = Su contraseña necesita:
requirement-met = cumplido:
requirement-not-met = no cumplido:
requirements-status = { $met } de { $total } requisitos cumplidos
rule-length = { $n ->
    [one] al menos { $n } carácter
   *[other] al menos { $n } caracteres
}
rule-lower = { $n ->
    [one] una letra minúscula
   *[other] { $n } letras minúsculas
}
rule-upper = { $n ->
    [one] una letra mayúscula
   *[other] { $n } letras mayúsculas
}
rule-number = { $n ->
    [one] un número
   *[other] { $n } números
}
rule-symbol = { $n ->
    [one] un símbolo
   *[other] { $n } símbolos
}
rule-no-username = ninguna parte de su nombre de usuario
rule-no-first-name = que no sea su nombre
rule-no-last-name = que no sea su apellido
rule-not-attribute = que no sea esto de su perfil: { $field }
rule-repeating = { $n ->
    [one] ningún carácter dos veces seguidas
   *[other] ningún carácter más de { $n } veces seguidas
}
rule-classes = tres de estos: minúscula, mayúscula, número, símbolo
rule-history = { $n ->
    [one] ser distinta de su última contraseña
   *[other] ser distinta de sus últimas { $n } contraseñas
}
rule-age-hours = { $n ->
    [one] al menos { $n } hora desde el último cambio
   *[other] al menos { $n } horas desde el último cambio
}
password-not-met = Su contraseña no cumple todos los requisitos.
password-common = Esta contraseña es demasiado común. Elija otra.
passwords-differ = Las dos contraseñas son distintas.
password-expired = Su contraseña ha caducado
password-expired-text = Elija una nueva para continuar.
password-expires-in = { $n ->
    [one] Su contraseña caduca mañana
   *[other] Su contraseña caduca en { $n } días
}
password-expires-today = Su contraseña caduca hoy
password-expires-soon = Su contraseña caduca pronto
password-expiring-text = Después no podrá iniciar sesión hasta que la cambie.
password-elsewhere = Cambie su contraseña
password-elsewhere-text = Su contraseña la gestiona { $name }. Cámbiela allí y vuelva a iniciar sesión.
go-to = Ir a { $name }
password-not-changed = No hemos podido cambiar la contraseña. Contacte con soporte.
password-changed = Contraseña cambiada
password-changed-text = Inicie sesión con su contraseña nueva.
password-changed-no-sign-in = Su contraseña se ha cambiado, pero no hemos podido iniciar su sesión. Iníciela con la nueva.

### Recovery and unlocking

recover-lead = Introduzca su nombre de usuario. Si encontramos una cuenta, enviaremos instrucciones.
recover-sent = Si encontramos una cuenta, las instrucciones están en camino.
recover-confirm = Continúe para elegir una contraseña nueva.
cant-reset-here = Aquí no puede restablecer la contraseña
unlock-lead = Introduzca su nombre de usuario y elija cómo confirmar que es usted.
unlocked = Su cuenta está desbloqueada
unlocked-text = Si la cuenta estaba bloqueada, ya está abierta. Inicie sesión como siempre.
cant-unlock = Aquí no podemos desbloquear esta cuenta
contact-support-text = Contacte con soporte.
activate-confirm = Continúe para activar su cuenta.
link-expired = Este enlace ha caducado
link-expired-text = Los enlaces funcionan durante un tiempo limitado. Pida uno nuevo.
send-new-link = Enviar un enlace nuevo
link-broken = Este enlace no funciona
link-broken-text = Compruebe que ha abierto el enlace completo o pida uno nuevo.
account-suspended = Esta cuenta está suspendida
request-received = Solicitud recibida
new-link-sent = Si sus datos coinciden con una cuenta, un enlace nuevo está en camino.

### Creating an account

register = Crear una cuenta
register-button = Crear la cuenta
more-details = Unos datos más
more-details-lead = Los necesitamos para terminar su cuenta.
email-invalid = Introduzca una dirección de correo como nombre@example.com.
check-format-of = Compruebe el formato de { $p0 }.
not-unique-email = No puede usar ese correo aquí. Si es suyo, inicie sesión o restablezca su contraseña.
not-unique = No puede usar eso aquí.
registration-failed = No hemos podido crear la cuenta. Inténtelo más tarde.
cant-register = Aquí no puede crear una cuenta
cant-register-text = Pregunte a los responsables de este servicio.
check-email-to-finish = Mire su correo para terminar
check-email-to-finish-text = Para terminar, abra el enlace que hemos enviado.
choose-one = Elija una opción

field-firstName = Nombre
field-middleName = Segundo nombre
field-lastName = Apellidos
field-honorificPrefix = Tratamiento
field-honorificSuffix = Sufijo
field-displayName = Nombre para mostrar
field-nickName = Apodo
field-email = Correo electrónico
field-secondEmail = Segundo correo electrónico
field-login = Nombre de usuario
field-mobilePhone = Teléfono móvil
field-primaryPhone = Teléfono
field-birthDate = Fecha de nacimiento
field-streetAddress = Calle y número
field-city = Ciudad
field-state = Estado o región
field-zipCode = Código postal
field-postalAddress = Dirección postal
field-countryCode = País
field-organization = Organización
field-title = Cargo
field-preferredLanguage = Idioma preferido
field-locale = Configuración regional
field-timezone = Zona horaria
field-profileUrl = Dirección web
field-department = Departamento
field-division = División
field-costCenter = Centro de costes
field-employeeNumber = Número de empleado
field-userType = Tipo de usuario

### Consent

app-wants-access = { $app } pide acceso
app-will-be-able = Si lo permite, { $app } podrá:
always-shared = Siempre se comparte
was-this-you = ¿Está intentando iniciar sesión?
was-this-you-lead = Alguien, quizá usted, pide iniciar sesión así.
yes-it-is-me = Sí, soy yo
no-it-is-not-me = No, no soy yo
stay-signed-in = ¿Mantener la sesión iniciada?
stay-signed-in-lead = Elija sí solo en un dispositivo que sea suyo.
yes-stay-signed-in = Sí, mantener la sesión
no-stay = No
connect-device = Conecte su dispositivo
connect-device-lead = Introduzca el código que muestra su dispositivo.
user-code = Código del dispositivo
fact-browser = Navegador
fact-place = Lugar
fact-device = Dispositivo

### Ends of a sign-in

link-no-longer-works = Este enlace ya no funciona
link-no-longer-works-text = Vuelva a la página donde empezó y pida uno nuevo.
that-worked = Ha funcionado
that-worked-text = Vuelva a la página donde empezó. Puede cerrar esta.
continued-elsewhere = Ha continuado en otra pestaña
continued-elsewhere-text = Puede cerrar esta.
your-code = Su código de verificación
your-code-text = Introduzca este código en la página donde empezó.
your-code-warning = No lo comparta con nadie. Nunca lo pedimos por teléfono ni por correo.
sign-in-stopped = Inicio de sesión detenido
sign-in-stopped-text = Puede empezar de nuevo cuando quiera.
session-expired = Su inicio de sesión tardó demasiado
session-expired-text = Por su seguridad lo hemos detenido. No se ha cambiado nada.
no-answer-in-time = No recibimos una respuesta a tiempo
no-answer-in-time-text = Inténtelo de nuevo y responda antes en su teléfono o en su correo.
step-already-done = Ya ha terminado ese paso.
no-access-to = No tiene acceso a { $app }
no-access = No tiene acceso a esta aplicación
no-access-text = Pida acceso o inicie sesión con otra cuenta.
cant-sign-in-here = No puede iniciar sesión aquí
cant-sign-in-here-text = Las reglas de su organización no lo permiten. Contacte con soporte si cree que es un error.
no-accepted-method = No tiene ningún método de inicio de sesión que esta aplicación acepte
provider-failed = No hemos podido iniciar su sesión con { $name }
provider-failed-unnamed = No hemos podido iniciar su sesión con el otro servicio
provider-failed-text = No se ha cambiado nada. Inténtelo de nuevo o pruebe otro método.
proven-before = { $name } no le ha pedido que inicie sesión de nuevo
proven-before-text = Se cerraron todas sus sesiones y una anterior de ese servicio no basta. Cierre la sesión allí o use otro navegador y vuelva a iniciar sesión.
no-provider-for-address = No sabemos dónde inician sesión las personas con esta dirección. Compruébela o elija abajo.
not-set-up = El inicio de sesión no está bien configurado
not-set-up-text = El problema es nuestro. Dé a soporte la referencia de abajo.
cant-continue = No podemos continuar aquí
cant-continue-text = Este inicio de sesión pide algo que esta página no conoce.
method-not-usable = Este método no se puede usar aquí
method-not-usable-text = { $name } no funciona en esta página. Pruebe otro método.
method-not-usable-unnamed = No funciona en esta página. Pruebe otro método.
captcha-not-usable = Este inicio de sesión pide un acertijo que esta página no muestra.
prove-who-you-are = Demuestre quién es
prove-who-you-are-text = { $name } comprobará su identidad. Después volverá aquí.
smart-card = Use su tarjeta inteligente
smart-card-text = Inserte su tarjeta PIV o CAC y continúe.
device-connected = Su dispositivo está conectado
device-connected-text = Puede cerrar esta página y seguir en su dispositivo.
device-not-connected = Su dispositivo no está conectado
device-not-connected-text = Empiece de nuevo en su dispositivo.

### Errors of the gateway

didnt-work = No ha funcionado
page-out-of-date = La página que ha usado no está actualizada. Vuelva atrás e inténtelo de nuevo.
too-large = Lo que ha enviado es demasiado grande.
wrong-method = Esta dirección no acepta ese tipo de petición.
no-permission = No puede abrir esta página
no-permission-text = Su cuenta no tiene permiso.
no-permission-as = Ha iniciado sesión como { $user }, y esa cuenta no tiene permiso.
no-permission-app = Ha solicitado { $app }.
no-permission-groups = Pueden entrar los miembros de { $groups }.
no-permission-listed = Solo pueden entrar determinadas cuentas, y esta no es una de ellas.
no-permission-email = La dirección de correo electrónico de su cuenta no está verificada.
no-permission-excluded = Las cuentas como la suya están excluidas.
no-permission-network = Solo se puede acceder desde determinadas redes, y la suya no es una de ellas.
no-permission-method = Lo que ha intentado hacer no está permitido allí.
no-permission-scope = Solo pueden entrar programas con un token de acceso.
switch-account = Usar otra cuenta
please-try-again = Inténtelo de nuevo
not-our-form = No hemos podido comprobar que la petición viniera de nuestra página. Las cookies deben estar activadas.
page-not-found = Página no encontrada
page-not-found-text = Compruebe la dirección o vaya a la página de inicio.
unknown-host = Dirección incorrecta
unknown-host-text = Este servidor no responde por { $host }. Compruebe la dirección.
address-too-long = La dirección de la que viene es demasiado larga. Tras iniciar sesión llegará a su página sin lo que sigue al signo de interrogación.
session-needed = Es necesario iniciar sesión
sign-in-framed = No ha iniciado sesión, y no es posible hacerlo dentro de otra página.
sign-in-new-tab = Iniciar sesión en una pestaña nueva
send-form-again = Enviar de nuevo
form-not-sent = Su formulario no se ha enviado
form-not-sent-text = Ya no tiene la sesión iniciada o debe iniciarla otra vez. Inicie sesión en una pestaña nueva, vuelva a esta página y envíe de nuevo el formulario. No se pierde nada mientras esta página esté abierta.
form-of-another = Este formulario pertenece a otra cuenta.
form-of-another-browser = Este formulario pertenece a otro navegador.
too-many-attempts = Demasiados intentos
too-many-attempts-wait = { $n ->
    [one] Espere { $n } segundo e inténtelo de nuevo.
   *[other] Espere { $n } segundos e inténtelo de nuevo.
}
too-many-attempts-text = Espere un minuto e inténtelo de nuevo.
something-went-wrong = Algo ha fallado
something-went-wrong-text = El problema es nuestro. Inténtelo de nuevo dentro de unos minutos.
service-silent = El servicio no responde
service-silent-text = { $host } no ha respondido. Inténtelo de nuevo dentro de unos minutos.
service-silent-unnamed = No ha respondido. Inténtelo de nuevo dentro de unos minutos.
you-are-signed-in-though = Su sesión está iniciada; solo falta el servicio.
maintenance = Cerrado por mantenimiento
maintenance-text = Volveremos pronto.
sessions-unavailable = Ahora mismo no podemos comprobar quién ha iniciado sesión
sessions-unavailable-text = Su sesión sigue abierta. Esta página lo vuelve a intentar sola.
sign-in-unavailable = El inicio de sesión no está disponible
sign-in-unavailable-text = No podemos conectar con el servicio de inicio de sesión. Inténtelo de nuevo dentro de unos minutos.
busy-now = Ahora mismo no podemos terminar
busy-now-text = Lo intentaremos de nuevo en { $time }.
cant-set-up-now = Ahora mismo no puede configurar métodos
cant-set-up-now-text = Inténtelo más tarde.
turn-on-cookies = Active las cookies
turn-on-cookies-text = Necesitamos una cookie para recordar en qué punto del inicio de sesión está.

### Handing over, signing out, the account

signing-you-in = Iniciando su sesión
signing-you-out = Cerrando su sesión
sign-out = Cerrar sesión
sign-out-everywhere = Cerrar sesión en todos los dispositivos
sign-out-question = ¿Cerrar sesión?
sign-out-lead = Esto termina su sesión aquí.
signed-out = Ha cerrado la sesión
signed-out-text = Cierre el navegador si comparte este dispositivo.
signed-out-here-only = Ha cerrado la sesión aquí, pero quizá no en { $name }.
sign-in-again = Iniciar sesión de nuevo
your-account = Su cuenta
account-username = Nombre de usuario
account-email = Correo electrónico
account-groups = Grupos
account-left-out = Demasiado largo para comunicarlo a las aplicaciones
account-since = Sesión iniciada
account-until = La sesión termina a más tardar
account-methods = Confirmado con
account-settings = Cambiar los ajustes de su cuenta
your-sessions = Dónde tiene la sesión iniciada
your-sessions-text = Cierre lo que no reconozca y cambie después su contraseña.
this-session = Este navegador
end-session = Cerrar
end-session-of = Cerrar la sesión en { $browser }
end-other-sessions = Cerrar todas las demás sesiones
session-last-used = Último uso

amr-pwd = Contraseña
amr-mfa = Varios métodos
amr-otp = Código de un solo uso
amr-sms = Mensaje de texto
amr-tel = Llamada
amr-swk = Clave de software
amr-hwk = Llave de seguridad o dispositivo
amr-fpt = Huella dactilar
amr-face = Rostro
amr-pin = PIN
amr-pop = Posesión de una clave
amr-kba = Pregunta de seguridad
amr-sc = Tarjeta inteligente
amr-user = Presencia
amr-wia = Inicio de sesión de Windows
amr-geo = Ubicación
amr-rba = Comprobación de riesgo

### Dates, as "21 November 2026, 05:42 UTC"

date-and-time = { $day } de { $month } de { $year }, { $time } UTC
date-only = { $day } de { $month } de { $year }
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre
