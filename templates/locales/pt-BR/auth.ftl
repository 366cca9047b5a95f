### The frame of every page

skip-to-content = Ir para o conteúdo
problem-of = { $field }: { $text }
error-prefix = Erro
problem-title = Há um problema
heading-and-sentence = { $heading }. { $sentence }
signing-in-as = Entrando como
signed-in-as = Você entrou como { $user }.
not-you = Não é você?
or = ou
optional = opcional
all-required = Todos os campos são obrigatórios, exceto os marcados como opcionais.
language-name = Português (Brasil)
language = Idioma
change-language = Mudar
help = Ajuda
privacy = Privacidade
terms = Termos
contact-support = Falar com o suporte
reference = Referência: { $id }
needs-javascript = Esta etapa precisa de JavaScript. Ative-o ou escolha outra forma.

### Buttons and links

sign-in = Entrar
next = Avançar
continue = Continuar
verify = Verificar
save = Salvar
skip = Pular
not-now = Agora não
remind-me-later = Lembrar mais tarde
cancel = Cancelar
allow = Permitir
do-not-allow = Não permitir
home = Ir para a página inicial
start-again = Começar de novo
try-again = Tentar de novo
try-another-way = Tentar de outra forma
back-to-sign-in = Voltar para o início
forgot-password = Esqueceu a senha?
unlock-account = Desbloquear sua conta
create-account = Criar uma conta
have-an-account = Já tem uma conta? Entre
sign-in-with-username = Entrar com seu nome de usuário
use-hosted-page = Usar a página de entrada padrão
use-plain-pages = Usar as páginas de entrada simples
request-access = Pedir acesso
sign-in-as-someone-else = Entrar com outra conta
continue-with = Continuar com { $name }
sign-in-with-passkey = Entrar com uma chave de acesso

### What is announced while a reply is awaited

busy = Um momento…
signing-in = Entrando…
checking = Verificando…
sending = Enviando…
saving = Salvando…

### Signing in

to-continue-to = para continuar em { $app }
username = Nome de usuário
email = E‑mail
password = Senha
keep-me-signed-in = Continuar conectado
enter-username = Digite seu nome de usuário
enter-password = Digite sua senha
enter-this = Preencha este campo
fill-in = Preencha: { $field }
bad-credentials = O nome de usuário ou a senha não está certo.
wrong-password = Essa senha não está certa. Confira e tente de novo.
account-locked = Sua conta está bloqueada
account-locked-text = Tente mais tarde, desbloqueie a conta ou fale com o suporte.

### Showing what is typed

show = Mostrar
hide = Ocultar
show-password = Mostrar a senha
hide-password = Ocultar a senha
password-shown = Sua senha está visível
password-hidden = Sua senha está oculta
show-code = Mostrar o código
hide-code = Ocultar o código
code-shown = Seu código está visível
code-hidden = Seu código está oculto
show-answer = Mostrar a resposta
hide-answer = Ocultar a resposta
answer-shown = Sua resposta está visível
answer-hidden = Sua resposta está oculta
show-other = Mostrar o que foi digitado
hide-other = Ocultar o que foi digitado
other-shown = O que foi digitado está visível
other-hidden = O que foi digitado está oculto
caps-lock = O Caps Lock está ligado
copy = Copiar
copied = Copiado

### Choosing a method

verify-it-is-you = Confirme que é você
choose-how-to-verify = Escolha como confirmar que é você.
method-password = Senha
method-email = E‑mail
method-phone = Telefone
method-sms = Mensagem de texto
method-voice = Ligação telefônica
method-okta-verify-code = Okta Verify: digitar um código
method-okta-verify-push = Okta Verify: receber uma notificação
method-okta-verify = Okta Verify
method-passkey = Chave de acesso ou chave de segurança
method-question = Pergunta de segurança
method-access-code = Código de acesso temporário

about-password = Algo que só você sabe
about-email = Um link ou um código, enviado ao seu e‑mail
about-phone = Um código por mensagem de texto ou ligação
about-app-code = Um código de um aplicativo no seu celular
about-okta-verify = Códigos e notificações do Okta Verify
about-passkey = Sua digital, seu rosto, seu PIN ou uma chave de segurança
about-question = A resposta a uma pergunta que você escolhe
about-token = Um código de um token que você carrega

### Phone

verify-with-phone = Confirmar com o telefone
can-send-code-to = Podemos enviar um código para { $to }.
can-send-code = Podemos enviar um código para o seu telefone.
send-text = Enviar mensagem de texto
call-me = Prefiro uma ligação
call = Ligar para mim
carrier-charges = Sua operadora pode cobrar tarifas.

### Codes

check-your-phone = Olhe o seu telefone
answer-the-call = Atenda a ligação
enter-code-from = Digite o código de { $app }
enter-passcode = Digite o seu código
enter-access-code = Digite o seu código de acesso temporário
code-sent-sms = Enviamos um código por mensagem de texto para { $to }.
code-sent-sms-unknown = Enviamos um código por mensagem de texto para o seu telefone.
code-sent-voice = Estamos ligando para { $to } para informar um código.
code-sent-voice-unknown = Estamos ligando para o seu telefone para informar um código.
open-app-for-code = Abra { $app } e digite o código mostrado.
passcode-from-token = Digite o código mostrado pelo seu token.
press-your-key = Coloque o cursor na caixa e toque na sua chave.
access-code-from-support = Digite o código que a sua equipe de suporte passou.
code = Código
passcode = Código
next-passcode = Próximo código
credential-id = ID da credencial
send-new-code = Enviar um novo código
get-code-another-way = Receber o código de outra forma
enter-code = Digite o código
code-wrong = Esse código não está certo. Confira e tente de novo.
code-used = Esse código já foi usado. Espere o próximo.
code-next = Espere o número do seu token mudar e digite o novo.
just-sent = { $n ->
    [one] Acabamos de enviar um. Espere { $n } segundo.
   *[other] Acabamos de enviar um. Espere { $n } segundos.
}
just-sent-one = Acabamos de enviar um. Espere 30 segundos.
new-code-sent = Enviamos um novo código.
set-up-link-sent = Enviamos um novo link.
method-blocked = Esta forma está bloqueada depois de muitas tentativas. Tente outra.
too-many-texts = Muitas mensagens de texto foram enviadas. Tente mais tarde ou de outra forma.
too-many-calls = Muitas ligações foram feitas. Tente mais tarde ou de outra forma.

### Email

get-an-email = Receber um e‑mail
can-email = Podemos enviar um e‑mail para { $to }.
can-email-unknown = Podemos enviar um e‑mail para o seu endereço.
send-email = Enviar um e‑mail para mim
check-your-email = Olhe o seu e‑mail
email-sent-link-or-code = Enviamos um e‑mail para { $to }. Abra o link que está nele ou digite aqui o código dele.
email-sent-link-or-code-unknown = Enviamos um e‑mail para você. Abra o link que está nele ou digite aqui o código dele.
email-sent-code = Enviamos um e‑mail para { $to }. Digite aqui o código que está nele.
email-sent-code-unknown = Enviamos um e‑mail para você. Digite aqui o código que está nele.
email-sent-to-both = Enviamos um e‑mail para { $to } e para { $other }. Abra o link que está nele ou digite aqui o código dele.
send-again = Enviar outro e‑mail
waiting-for-link = Esperando você abrir o link…
opened-the-link = Abri o link
stopped-checking = Paramos de verificar. Use o botão abaixo para verificar de novo.

### Push

get-a-push = Receber uma notificação
send-push = Enviar uma notificação
send-automatically = Enviar automaticamente na próxima vez
approve-on-phone = Abra { $app } no seu telefone e aprove o pedido. O lugar mostrado pode ser o da nossa empresa, não o seu.
tap-number = Abra { $app } no seu telefone e toque neste número:
the-number-is = O número é
waiting-for-approval = Esperando você aprovar o pedido…
approved-it = Já aprovei
send-another-push = Enviar outra notificação
push-rejected = O pedido foi recusado no seu telefone.
push-rejected-not-you = O pedido foi recusado no seu telefone. Se não foi você, fale com o suporte.
device-not-checked = Não conseguimos verificar este dispositivo. Tente de outra forma.

### Security question

answer-question = Responda à sua pergunta de segurança
answer = Resposta
question = Pergunta
choose-question = Escolha uma pergunta de segurança
own-question = Escrever a minha própria pergunta
your-question = Sua própria pergunta
answer-wrong = Essa resposta não está certa.
answer-too-short = Use pelo menos { $p0 } caracteres.
answer-no-tags = Não use < nem >.
enter-answer = Digite a sua resposta
enter-question = Escolha ou escreva uma pergunta

question-disliked_food = De qual comida você menos gostava quando criança?
question-name_of_first_plush_toy = Qual era o nome do seu primeiro bicho de pelúcia?
question-first_award = Pelo que você ganhou a sua primeira medalha ou prêmio?
question-favorite_security_question = Qual é a sua pergunta de segurança favorita?
question-favorite_toy = De qual brinquedo ou bicho de pelúcia você mais gostava quando criança?
question-first_computer_game = Qual foi o primeiro jogo de computador que você jogou?
question-favorite_movie_quote = Qual é a sua frase de filme favorita?
question-first_sports_team_mascot = Qual era o mascote do primeiro time em que você jogou?
question-first_music_purchase = Qual foi o primeiro álbum ou música que você comprou?
question-favorite_art_piece = Qual é a sua obra de arte favorita?
question-grandmother_favorite_desert = Qual era a sobremesa favorita da sua avó?
question-first_thing_cooked = Qual foi a primeira coisa que você aprendeu a cozinhar?
question-childhood_dream_job = Qual era a profissão dos seus sonhos quando criança?
question-first_kiss_location = Onde foi o seu primeiro beijo?
question-place_where_significant_other_was_met = Onde você conheceu o seu parceiro ou a sua parceira?
question-favorite_vacation_location = Onde você passou as suas melhores férias?
question-new_years_two_thousand = Onde você estava na véspera do Ano-Novo de 2000?
question-favorite_speaker_actor = Quem é o seu palestrante ou ator favorito?
question-favorite_book_movie_character = Quem é o seu personagem favorito de livro ou filme?
question-favorite_sports_player = Quem é o seu atleta favorito?

### Passkeys

use-your-passkey = Use a sua chave de acesso
passkey-lead = O navegador vai pedir a sua digital, o seu rosto, o seu PIN ou uma chave de segurança.
continue-with-passkey = Continuar com a chave de acesso
create-a-passkey = Criar uma chave de acesso
create-passkey-lead = O navegador vai perguntar onde salvar.
create-passkey = Criar a chave de acesso
passkey-verified-by-you = Sua digital, seu rosto ou seu PIN será pedido.
cant-use-passkey = Não consegue usar?
cant-use-passkey-text = Tente outro dispositivo em que você salvou uma chave de acesso, ou escolha outra forma abaixo.
passkey-failed = Essa chave de acesso não funcionou. Tente de novo ou de outra forma.
passkey-cancelled = O pedido foi cancelado ou expirou. Tente de novo.
passkey-domain = As chaves de acesso não estão configuradas para este endereço. Tente de outra forma.
passkey-exists = Este dispositivo já tem uma chave de acesso para a sua conta.
passkey-unsupported = Este navegador não pode usar chaves de acesso. Tente de outra forma.

### Setting up methods

set-up-methods = Configurar formas de segurança
set-up-methods-lead = As formas de segurança protegem a sua conta e ajudam você a voltar a ela.
required-now = Obrigatórias agora
required-soon = Obrigatórias em breve
optional-methods = Opcionais
required-by = Obrigatória até { $date }
skips-left = { $n ->
    [one] Você pode adiar isto mais { $n } vez.
   *[other] Você pode adiar isto mais { $n } vezes.
}
choose-a-password = Escolha uma senha
add-your-phone = Adicione o seu telefone
use-another-number = Usar outro número de telefone
phone-number = Número de telefone
phone-hint = Comece com o código do país, como +44 7700 900123.
phone-invalid = Digite um número de telefone com o código do país, como +44 7700 900123.
extension = Ramal
how-to-get-code = Como você quer receber o código?
by-text = Mensagem de texto
by-call = Ligação telefônica
send-code = Enviar o código
set-up-app = Configurar um aplicativo autenticador
set-up-app-lead = Escaneie esta imagem com o seu aplicativo autenticador e digite o código mostrado.
qr-alt = Um código QR para escanear com o seu aplicativo. Se não puder escanear, use a chave abaixo dele.
qr-alt-only = Um código QR para escanear com o seu aplicativo.
cant-scan = Não consegue escanear?
enter-key = Digite esta chave no seu aplicativo:
set-up-okta-verify = Configurar o Okta Verify
set-up-okta-verify-lead = Primeiro instale o Okta Verify no seu telefone pela loja de aplicativos.
set-up-from-other-device = Abra o Okta Verify em um dispositivo em que você já o usa e adicione este dispositivo por lá.
set-up-another-way = Configurar o Okta Verify de outra forma
get-okta-verify = Baixar o Okta Verify
set-up-how = Como você quer continuar no seu telefone?
by-qr = Escanear um código QR
by-email-link = Receber um link por e‑mail
by-text-link = Receber um link por mensagem de texto
scan-with-okta-verify = Abra o Okta Verify no seu telefone, adicione uma conta e escaneie esta imagem.
link-sent-to = Enviamos um link para { $to }. Abra-o no seu telefone.
link-sent = Enviamos um link para você. Abra-o no seu telefone.
send-link = Enviar o link
waiting-for-phone = Esperando o seu telefone…
set-it-up = Já configurei
set-up-token = Configurar o seu token
token-username = Nome de usuário no serviço do token
ask-support-to-set-up = Peça ao suporte para configurar isto para você.
set-up-failed = Não conseguimos configurar isso. Tente de novo.
verify-failed = Isso não funcionou. Tente de novo.
okta-verify-update = Atualize o Okta Verify, ative nele a biometria para a sua conta e tente de novo.
app-turn-on-biometrics = Ative a biometria para a sua conta no aplicativo e tente de novo.
okta-verify-device-unfit = O Okta Verify não pode ser configurado neste dispositivo. Use outro dispositivo ou fale com o suporte.
okta-verify-update-only = Atualize o Okta Verify e tente de novo.

### Passwords

reset-password = Redefinir a sua senha
choose-a-new-password = Escolha uma nova senha
new-password = Nova senha
confirm-password = Digite de novo
save-password = Salvar a senha
sign-out-elsewhere = Sair de todos os outros dispositivos
password-needs = A sua senha precisa de:
requirement-met = cumprido:
requirement-not-met = não cumprido:
requirements-status = { $met } de { $total } requisitos cumpridos
rule-length = { $n ->
    [one] pelo menos { $n } caractere
   *[other] pelo menos { $n } caracteres
}
rule-lower = { $n ->
    [one] uma letra minúscula
   *[other] { $n } letras minúsculas
}
rule-upper = { $n ->
    [one] uma letra maiúscula
   *[other] { $n } letras maiúsculas
}
rule-number = { $n ->
    [one] um número
   *[other] { $n } números
}
rule-symbol = { $n ->
    [one] um símbolo
   *[other] { $n } símbolos
}
rule-no-username = nenhuma parte do seu nome de usuário
rule-no-first-name = não ser o seu nome
rule-no-last-name = não ser o seu sobrenome
rule-not-attribute = não ser isto do seu perfil: { $field }
rule-repeating = { $n ->
    [one] nenhum caractere duas vezes seguidas
   *[other] nenhum caractere mais de { $n } vezes seguidas
}
rule-classes = três destes: letra minúscula, letra maiúscula, número, símbolo
rule-history = { $n ->
    [one] ser diferente da sua última senha
   *[other] ser diferente das suas últimas { $n } senhas
}
rule-age-hours = { $n ->
    [one] pelo menos { $n } hora desde a última mudança
   *[other] pelo menos { $n } horas desde a última mudança
}
password-not-met = A sua senha não cumpre todos os requisitos.
password-common = Esta senha é comum demais. Escolha outra.
passwords-differ = As duas senhas são diferentes.
password-expired = A sua senha expirou
password-expired-text = Escolha uma nova para continuar.
password-expires-in = { $n ->
    [one] A sua senha expira em { $n } dia
   *[other] A sua senha expira em { $n } dias
}
password-expires-today = A sua senha expira hoje
password-expires-soon = A sua senha expira em breve
password-expiring-text = Depois disso você só poderá entrar quando mudar a senha.
password-elsewhere = Mude a sua senha
password-elsewhere-text = A sua senha é mantida por { $name }. Mude-a lá e entre de novo.
go-to = Ir para { $name }
password-not-changed = Não conseguimos mudar a senha. Fale com o suporte.
password-changed = Senha alterada
password-changed-text = Entre com a sua nova senha.
password-changed-no-sign-in = A sua senha foi alterada, mas não conseguimos fazer você entrar. Entre com a nova.

### Recovery and unlocking

recover-lead = Digite o seu nome de usuário. Se encontrarmos uma conta, enviaremos instruções.
recover-sent = Se encontrarmos uma conta, as instruções estão a caminho.
recover-confirm = Continue para escolher uma nova senha.
cant-reset-here = Você não pode redefinir a senha aqui
unlock-lead = Digite o seu nome de usuário e escolha como confirmar que é você.
unlocked = A sua conta está desbloqueada
unlocked-text = Se a conta estava bloqueada, agora está aberta. Entre como sempre.
cant-unlock = Não podemos desbloquear esta conta aqui
contact-support-text = Fale com o suporte.
activate-confirm = Continue para ativar a sua conta.
link-expired = Este link expirou
link-expired-text = Os links funcionam por tempo limitado. Peça um novo.
send-new-link = Enviar um novo link
link-broken = Este link não funciona
link-broken-text = Confira se você abriu o link inteiro ou peça um novo.
account-suspended = Esta conta está suspensa
request-received = Pedido recebido
new-link-sent = Se os seus dados corresponderem a uma conta, um novo link está a caminho.

### Creating an account

register = Criar uma conta
register-button = Criar conta
more-details = Mais alguns dados
more-details-lead = Precisamos deles para concluir a sua conta.
email-invalid = Digite um e‑mail como nome@example.com.
check-format-of = Confira o formato de { $p0 }.
not-unique-email = Você não pode usar esse e‑mail aqui. Se ele é seu, entre ou redefina a sua senha.
not-unique = Você não pode usar isso aqui.
registration-failed = Não conseguimos criar a conta. Tente mais tarde.
cant-register = Você não pode criar uma conta aqui
cant-register-text = Pergunte a quem administra este serviço.
check-email-to-finish = Olhe o seu e‑mail para concluir
check-email-to-finish-text = Para concluir, abra o link que enviamos.
choose-one = Escolha uma opção

field-firstName = Nome
field-middleName = Nome do meio
field-lastName = Sobrenome
field-honorificPrefix = Tratamento
field-honorificSuffix = Sufixo
field-displayName = Nome de exibição
field-nickName = Apelido
field-email = E‑mail
field-secondEmail = Segundo e‑mail
field-login = Nome de usuário
field-mobilePhone = Celular
field-primaryPhone = Telefone
field-birthDate = Data de nascimento
field-streetAddress = Endereço
field-city = Cidade
field-state = Estado ou região
field-zipCode = CEP
field-postalAddress = Endereço postal
field-countryCode = País
field-organization = Organização
field-title = Cargo
field-preferredLanguage = Idioma preferido
field-locale = Localidade
field-timezone = Fuso horário
field-profileUrl = Endereço na web
field-department = Departamento
field-division = Divisão
field-costCenter = Centro de custo
field-employeeNumber = Número de matrícula
field-userType = Tipo de usuário

### Consent

app-wants-access = { $app } quer acesso
app-will-be-able = Se você permitir, { $app } poderá:
always-shared = Sempre compartilhado
was-this-you = Você está tentando entrar?
was-this-you-lead = Alguém, talvez você, pediu para entrar assim.
yes-it-is-me = Sim, sou eu
no-it-is-not-me = Não, não sou eu
stay-signed-in = Continuar conectado?
stay-signed-in-lead = Escolha sim apenas em um dispositivo que é seu.
yes-stay-signed-in = Sim, continuar conectado
no-stay = Não
connect-device = Conecte o seu dispositivo
connect-device-lead = Digite o código mostrado pelo seu dispositivo.
user-code = Código do dispositivo
fact-browser = Navegador
fact-place = Lugar
fact-device = Dispositivo

### Ends of a sign-in

link-no-longer-works = Este link não funciona mais
link-no-longer-works-text = Volte para a página em que você começou e peça um novo.
that-worked = Funcionou
that-worked-text = Volte para a página em que você começou. Você pode fechar esta.
continued-elsewhere = Você continuou em outra aba
continued-elsewhere-text = Você pode fechar esta.
your-code = O seu código de verificação
your-code-text = Digite este código na página em que você começou.
your-code-warning = Não o compartilhe com ninguém. Nunca o pedimos por telefone ou e‑mail.
sign-in-stopped = Entrada interrompida
sign-in-stopped-text = Você pode começar de novo quando quiser.
session-expired = A sua entrada demorou demais
session-expired-text = Para a sua segurança, nós a interrompemos. Nada foi alterado.
no-answer-in-time = Não recebemos uma resposta a tempo
no-answer-in-time-text = Tente de novo e responda mais cedo no seu telefone ou e‑mail.
step-already-done = Você já concluiu essa etapa.
no-access-to = Você não tem acesso a { $app }
no-access = Você não tem acesso a este aplicativo
no-access-text = Peça acesso ou entre com outra conta.
cant-sign-in-here = Você não pode entrar aqui
cant-sign-in-here-text = As regras da sua organização não permitem. Fale com o suporte se achar que isso está errado.
no-accepted-method = Você não tem uma forma de entrar que este aplicativo aceite
provider-failed = Não conseguimos fazer você entrar com { $name }
provider-failed-unnamed = Não conseguimos fazer você entrar com o outro serviço
provider-failed-text = Nada foi alterado. Tente de novo ou de outra forma.
proven-before = { $name } não pediu que você entrasse de novo
proven-before-text = Todas as suas sessões foram encerradas, e uma anterior nesse serviço não basta. Saia de lá ou use outro navegador e entre de novo.
no-provider-for-address = Não sabemos onde as pessoas com este endereço entram. Verifique-o ou escolha abaixo.
not-set-up = A entrada não está configurada corretamente
not-set-up-text = O problema é nosso. Passe ao suporte a referência abaixo.
cant-continue = Não podemos continuar aqui
cant-continue-text = Esta entrada pede algo que esta página não conhece.
method-not-usable = Esta forma não pode ser usada aqui
method-not-usable-text = { $name } não funciona nesta página. Tente de outra forma.
method-not-usable-unnamed = Ela não funciona nesta página. Tente de outra forma.
captcha-not-usable = Esta entrada pede um desafio que esta página não mostra.
prove-who-you-are = Prove quem você é
prove-who-you-are-text = { $name } vai verificar a sua identidade. Depois você volta para cá.
smart-card = Use o seu cartão inteligente
smart-card-text = Insira o seu cartão PIV ou CAC e continue.
device-connected = O seu dispositivo está conectado
device-connected-text = Você pode fechar esta página e continuar no seu dispositivo.
device-not-connected = O seu dispositivo não está conectado
device-not-connected-text = Comece de novo no seu dispositivo.

### Errors of the gateway

didnt-work = Não funcionou
page-out-of-date = A página que você usou está desatualizada. Volte e tente de novo.
too-large = O que você enviou é grande demais.
wrong-method = Este endereço não aceita esse tipo de requisição.
no-permission = Você não pode abrir esta página
no-permission-text = A sua conta não tem permissão.
no-permission-as = Você entrou como { $user }, e essa conta não tem permissão.
no-permission-app = Você pediu { $app }.
no-permission-groups = Podem entrar os membros de { $groups }.
no-permission-listed = Só podem entrar determinadas contas, e esta não é uma delas.
no-permission-email = O endereço de e‑mail da sua conta não foi verificado.
no-permission-excluded = Contas como a sua estão excluídas.
no-permission-network = Só é possível acessar a partir de determinadas redes, e a sua não é uma delas.
no-permission-method = O que você tentou fazer não é permitido ali.
no-permission-scope = Só podem entrar programas com um token de acesso.
switch-account = Usar outra conta
please-try-again = Tente de novo
not-our-form = Não conseguimos confirmar que o pedido veio da nossa página. Os cookies precisam estar ativados.
page-not-found = Página não encontrada
page-not-found-text = Confira o endereço ou vá para a página inicial.
unknown-host = Endereço incorreto
unknown-host-text = Este servidor não responde por { $host }. Confira o endereço.
address-too-long = O endereço de onde você veio é longo demais. Depois de entrar, você chegará à página sem o que vem após o ponto de interrogação.
session-needed = É preciso entrar
sign-in-framed = Você não entrou, e não é possível entrar dentro de outra página.
sign-in-new-tab = Entrar em uma nova guia
send-form-again = Enviar de novo
form-not-sent = Seu formulário não foi enviado
form-not-sent-text = Você não está mais conectado ou precisa entrar de novo. Entre em uma nova guia, volte a esta página e envie o formulário de novo. Nada se perde enquanto esta página estiver aberta.
form-of-another = Este formulário pertence a outra conta.
form-of-another-browser = Este formulário pertence a outro navegador.
too-many-attempts = Tentativas demais
too-many-attempts-wait = { $n ->
    [one] Espere { $n } segundo e tente de novo.
   *[other] Espere { $n } segundos e tente de novo.
}
too-many-attempts-text = Espere um minuto e tente de novo.
something-went-wrong = Algo deu errado
something-went-wrong-text = O problema é nosso. Tente de novo em alguns minutos.
service-silent = O serviço não está respondendo
service-silent-text = { $host } não respondeu. Tente de novo em alguns minutos.
service-silent-unnamed = Ele não respondeu. Tente de novo em alguns minutos.
you-are-signed-in-though = Você entrou; só o serviço está faltando.
maintenance = Fechado para manutenção
maintenance-text = Voltaremos em breve.
sessions-unavailable = No momento não conseguimos verificar quem está conectado
sessions-unavailable-text = Você continua conectado. Esta página tenta de novo sozinha.
sign-in-unavailable = A entrada não está disponível
sign-in-unavailable-text = Não conseguimos falar com o serviço de entrada. Tente de novo em alguns minutos.
busy-now = Não podemos concluir isto agora
busy-now-text = Vamos tentar de novo em { $time }.
cant-set-up-now = Você não pode configurar formas agora
cant-set-up-now-text = Tente mais tarde.
turn-on-cookies = Ative os cookies
turn-on-cookies-text = Precisamos de um cookie para lembrar em que ponto da entrada você está.

### Handing over, signing out, the account

signing-you-in = Entrando
signing-you-out = Saindo
sign-out = Sair
sign-out-everywhere = Sair de todos os dispositivos
sign-out-question = Sair?
sign-out-lead = Isto encerra a sua sessão aqui.
signed-out = Você saiu
signed-out-text = Feche o navegador se você compartilha este dispositivo.
signed-out-here-only = Você saiu daqui, mas talvez não de { $name }.
sign-in-again = Entrar de novo
your-account = A sua conta
account-username = Nome de usuário
account-email = E‑mail
account-groups = Grupos
account-left-out = Longo demais para ser informado aos aplicativos
account-since = Entrou em
account-until = A sessão termina no máximo em
account-methods = Confirmado com
account-settings = Mudar as configurações da sua conta
your-sessions = Onde você está conectado
your-sessions-text = Encerre o que não reconhecer e depois altere sua senha.
this-session = Este navegador
end-session = Encerrar
end-session-of = Encerrar a sessão em { $browser }
end-other-sessions = Encerrar todas as outras sessões
session-last-used = Último uso

amr-pwd = Senha
amr-mfa = Vários métodos
amr-otp = Código de uso único
amr-sms = Mensagem de texto
amr-tel = Ligação
amr-swk = Chave de software
amr-hwk = Chave de segurança ou dispositivo
amr-fpt = Impressão digital
amr-face = Rosto
amr-pin = PIN
amr-pop = Posse de uma chave
amr-kba = Pergunta de segurança
amr-sc = Cartão inteligente
amr-user = Presença
amr-wia = Login do Windows
amr-geo = Localização
amr-rba = Verificação de risco

### Dates, as "21 November 2026, 05:42 UTC"

date-and-time = { $day } de { $month } de { $year }, { $time } UTC
date-only = { $day } de { $month } de { $year }
month-1 = janeiro
month-2 = fevereiro
month-3 = março
month-4 = abril
month-5 = maio
month-6 = junho
month-7 = julho
month-8 = agosto
month-9 = setembro
month-10 = outubro
month-11 = novembro
month-12 = dezembro
