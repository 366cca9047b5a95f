### The frame of every page

skip-to-content = Aller au contenu
problem-of = { $field } : { $text }
error-prefix = Erreur
problem-title = Il y a un problème
heading-and-sentence = { $heading }. { $sentence }
signing-in-as = Connexion en tant que
signed-in-as = Vous êtes connecté en tant que { $user }.
not-you = Ce n’est pas vous ?
or = ou
optional = facultatif
all-required = Tous les champs sont obligatoires, sauf ceux marqués comme facultatifs.
language-name = Français
language = Langue
change-language = Changer
help = Aide
privacy = Confidentialité
terms = Conditions d’utilisation
contact-support = Contacter l’assistance
reference = Référence : { $id }
needs-javascript = Cette étape nécessite JavaScript. Activez-le ou choisissez une autre méthode.

### Buttons and links

sign-in = Se connecter
next = Suivant
continue = Continuer
verify = Vérifier
save = Enregistrer
skip = Passer
not-now = Pas maintenant
remind-me-later = Me le rappeler plus tard
cancel = Annuler
allow = Autoriser
do-not-allow = Ne pas autoriser
home = Aller à la page d’accueil
start-again = Recommencer
try-again = Réessayer
try-another-way = Essayer une autre méthode
back-to-sign-in = Retour à la connexion
forgot-password = Mot de passe oublié ?
unlock-account = Déverrouiller votre compte
create-account = Créer un compte
have-an-account = Vous avez déjà un compte ? Connectez-vous
sign-in-with-username = Se connecter avec votre nom d’utilisateur
use-hosted-page = Utiliser la page de connexion standard
use-plain-pages = Utiliser les pages de connexion simples
request-access = Demander l’accès
sign-in-as-someone-else = Se connecter avec un autre compte
continue-with = Continuer avec { $name }
sign-in-with-passkey = Se connecter avec une clé d’accès

### What is announced while a reply is awaited

busy = Un instant…
signing-in = Connexion en cours…
checking = Vérification…
sending = Envoi…
saving = Enregistrement…

### Signing in

to-continue-to = pour continuer vers { $app }
username = Nom d’utilisateur
email = Adresse e‑mail
password = Mot de passe
keep-me-signed-in = Rester connecté
enter-username = Saisissez votre nom d’utilisateur
enter-password = Saisissez votre mot de passe
enter-this = Remplissez ce champ
fill-in = Remplissez : { $field }
bad-credentials = Le nom d’utilisateur ou le mot de passe est incorrect.
wrong-password = Ce mot de passe est incorrect. Vérifiez-le et réessayez.
account-locked = Votre compte est verrouillé
account-locked-text = Réessayez plus tard, déverrouillez-le ou contactez l’assistance.

### Showing what is typed

show = Afficher
hide = Masquer
show-password = Afficher le mot de passe
hide-password = Masquer le mot de passe
password-shown = Votre mot de passe est visible
password-hidden = Votre mot de passe est masqué
show-code = Afficher le code
hide-code = Masquer le code
code-shown = Votre code est visible
code-hidden = Votre code est masqué
show-answer = Afficher la réponse
hide-answer = Masquer la réponse
answer-shown = Votre réponse est visible
answer-hidden = Votre réponse est masquée
show-other = Afficher votre saisie
hide-other = Masquer votre saisie
other-shown = Votre saisie est visible
other-hidden = Votre saisie est masquée
caps-lock = La touche Verr. Maj. est activée
copy = Copier
copied = Copié

### Choosing a method

verify-it-is-you = Confirmez que c’est bien vous
choose-how-to-verify = Choisissez comment confirmer votre identité.
method-password = Mot de passe
method-email = E‑mail
method-phone = Téléphone
method-sms = SMS
method-voice = Appel téléphonique
method-okta-verify-code = Okta Verify : saisir un code
method-okta-verify-push = Okta Verify : recevoir une notification
method-okta-verify = Okta Verify
method-passkey = Clé d’accès ou clé de sécurité
method-question = Question de sécurité
method-access-code = Code d’accès temporaire

about-password = Quelque chose que vous seul connaissez
about-email = Un lien ou un code envoyé par e‑mail
about-phone = Un code par SMS ou par appel
about-app-code = Un code d’une application sur votre téléphone
about-okta-verify = Des codes et des notifications d’Okta Verify
about-passkey = Votre empreinte, votre visage, votre code PIN ou une clé de sécurité
about-question = La réponse à une question de votre choix
about-token = Un code d’un jeton que vous portez sur vous

### Phone

verify-with-phone = Vérifier avec votre téléphone
can-send-code-to = Nous pouvons envoyer un code au { $to }.
can-send-code = Nous pouvons envoyer un code sur votre téléphone.
send-text = Envoyer un SMS
call-me = M’appeler plutôt
call = M’appeler
carrier-charges = Votre opérateur peut facturer des frais.

### Codes

check-your-phone = Consultez votre téléphone
answer-the-call = Répondez à l’appel
enter-code-from = Saisissez le code de { $app }
enter-passcode = Saisissez votre code secret
enter-access-code = Saisissez votre code d’accès temporaire
code-sent-sms = Nous avons envoyé un code par SMS au { $to }.
code-sent-sms-unknown = Nous avons envoyé un code par SMS sur votre téléphone.
code-sent-voice = Nous appelons le { $to } pour vous donner un code.
code-sent-voice-unknown = Nous appelons votre téléphone pour vous donner un code.
open-app-for-code = Ouvrez { $app } et saisissez le code affiché.
passcode-from-token = Saisissez le code affiché par votre jeton.
press-your-key = Placez le curseur dans le champ, puis appuyez sur votre clé.
access-code-from-support = Saisissez le code fourni par votre équipe d’assistance.
code = Code
passcode = Code secret
next-passcode = Code secret suivant
credential-id = Identifiant du jeton
send-new-code = Envoyer un nouveau code
get-code-another-way = Recevoir le code autrement
enter-code = Saisissez le code
code-wrong = Ce code est incorrect. Vérifiez-le et réessayez.
code-used = Ce code a déjà été utilisé. Attendez le suivant.
code-next = Attendez que le nombre de votre jeton change, puis saisissez le nouveau.
just-sent = { $n ->
    [one] Nous venons d’en envoyer un. Attendez { $n } seconde.
   *[other] Nous venons d’en envoyer un. Attendez { $n } secondes.
}
just-sent-one = Nous venons d’en envoyer un. Attendez 30 secondes.
new-code-sent = Nous avons envoyé un nouveau code.
set-up-link-sent = Nous avons envoyé un nouveau lien.
method-blocked = Cette méthode est bloquée après trop d’essais. Choisissez-en une autre.
too-many-texts = Trop de SMS ont été envoyés. Réessayez plus tard ou choisissez une autre méthode.
too-many-calls = Trop d’appels ont été passés. Réessayez plus tard ou choisissez une autre méthode.

### Email

get-an-email = Recevoir un e‑mail
can-email = Nous pouvons envoyer un e‑mail à { $to }.
can-email-unknown = Nous pouvons envoyer un e‑mail à votre adresse.
send-email = M’envoyer un e‑mail
check-your-email = Consultez vos e‑mails
email-sent-link-or-code = Nous avons envoyé un e‑mail à { $to }. Ouvrez le lien qu’il contient, ou saisissez ici le code qu’il contient.
email-sent-link-or-code-unknown = Nous vous avons envoyé un e‑mail. Ouvrez le lien qu’il contient, ou saisissez ici le code qu’il contient.
email-sent-code = Nous avons envoyé un e‑mail à { $to }. Saisissez ici le code qu’il contient.
email-sent-code-unknown = Nous vous avons envoyé un e‑mail. Saisissez ici le code qu’il contient.
email-sent-to-both = Nous avons envoyé un e‑mail à { $to } et à { $other }. Ouvrez le lien qu’il contient, ou saisissez ici le code qu’il contient.
send-again = Envoyer un autre e‑mail
waiting-for-link = Nous attendons que vous ouvriez le lien…
opened-the-link = J’ai ouvert le lien
stopped-checking = Nous avons arrêté de vérifier. Utilisez le bouton ci-dessous pour vérifier à nouveau.

### Push

get-a-push = Recevoir une notification
send-push = Envoyer une notification
send-automatically = L’envoyer automatiquement la prochaine fois
approve-on-phone = Ouvrez { $app } sur votre téléphone et approuvez la demande. Le lieu affiché peut être celui de notre entreprise, pas le vôtre.
tap-number = Ouvrez { $app } sur votre téléphone et touchez ce nombre :
the-number-is = Le nombre est
waiting-for-approval = Nous attendons que vous approuviez la demande…
approved-it = Je l’ai approuvée
send-another-push = Envoyer une autre notification
push-rejected = La demande a été refusée sur votre téléphone.
push-rejected-not-you = La demande a été refusée sur votre téléphone. Si ce n’était pas vous, contactez l’assistance.
device-not-checked = Nous n’avons pas pu vérifier cet appareil. Choisissez une autre méthode.

### Security question

answer-question = Répondez à votre question de sécurité
answer = Réponse
question = Question
choose-question = Choisissez une question de sécurité
own-question = Écrire ma propre question
your-question = Votre propre question
answer-wrong = Cette réponse est incorrecte.
answer-too-short = Utilisez au moins { $p0 } caractères.
answer-no-tags = N’utilisez ni < ni >.
enter-answer = Saisissez votre réponse
enter-question = Choisissez ou écrivez une question

question-disliked_food = Quel plat aimiez-vous le moins enfant ?
question-name_of_first_plush_toy = Comment s’appelait votre première peluche ?
question-first_award = Pour quoi avez-vous reçu votre première médaille ou récompense ?
question-favorite_security_question = Quelle est votre question de sécurité préférée ?
question-favorite_toy = Quel jouet ou quelle peluche préfériez-vous enfant ?
question-first_computer_game = Quel est le premier jeu vidéo auquel vous avez joué ?
question-favorite_movie_quote = Quelle est votre réplique de film préférée ?
question-first_sports_team_mascot = Quelle était la mascotte de votre première équipe de sport ?
question-first_music_purchase = Quel est le premier album ou la première chanson que vous avez acheté ?
question-favorite_art_piece = Quelle est votre œuvre d’art préférée ?
question-grandmother_favorite_desert = Quel était le dessert préféré de votre grand-mère ?
question-first_thing_cooked = Quelle est la première chose que vous avez appris à cuisiner ?
question-childhood_dream_job = Quel métier rêviez-vous de faire enfant ?
question-first_kiss_location = Où avez-vous eu votre premier baiser ?
question-place_where_significant_other_was_met = Où avez-vous rencontré votre partenaire ?
question-favorite_vacation_location = Où avez-vous passé vos meilleures vacances ?
question-new_years_two_thousand = Où étiez-vous à la Saint-Sylvestre de l’an 2000 ?
question-favorite_speaker_actor = Quel orateur ou acteur préférez-vous ?
question-favorite_book_movie_character = Quel personnage de livre ou de film préférez-vous ?
question-favorite_sports_player = Quel sportif ou quelle sportive préférez-vous ?

### Passkeys

use-your-passkey = Utilisez votre clé d’accès
passkey-lead = Votre navigateur demandera votre empreinte, votre visage, votre code PIN ou une clé de sécurité.
continue-with-passkey = Continuer avec la clé d’accès
create-a-passkey = Créer une clé d’accès
create-passkey-lead = Votre navigateur demandera où l’enregistrer.
create-passkey = Créer la clé d’accès
passkey-verified-by-you = Votre empreinte, votre visage ou votre code PIN sera demandé.
cant-use-passkey = Impossible de l’utiliser ?
cant-use-passkey-text = Essayez un autre appareil où vous avez enregistré une clé d’accès, ou choisissez une autre méthode ci-dessous.
passkey-failed = Cette clé d’accès n’a pas fonctionné. Réessayez ou choisissez une autre méthode.
passkey-cancelled = La demande a été annulée ou a expiré. Réessayez.
passkey-domain = Les clés d’accès ne sont pas configurées pour cette adresse web. Choisissez une autre méthode.
passkey-exists = Cet appareil a déjà une clé d’accès pour votre compte.
passkey-unsupported = Ce navigateur ne peut pas utiliser de clés d’accès. Choisissez une autre méthode.

### Setting up methods

set-up-methods = Configurer des méthodes de sécurité
set-up-methods-lead = Les méthodes de sécurité protègent votre compte et vous aident à y revenir.
required-now = Obligatoires maintenant
required-soon = Bientôt obligatoires
optional-methods = Facultatives
required-by = Obligatoire avant le { $date }
skips-left = { $n ->
    [one] Vous pouvez reporter cela encore { $n } fois.
   *[other] Vous pouvez reporter cela encore { $n } fois.
}
choose-a-password = Choisissez un mot de passe
add-your-phone = Ajoutez votre téléphone
use-another-number = Utiliser un autre numéro de téléphone
phone-number = Numéro de téléphone
phone-hint = Commencez par l’indicatif du pays, comme +44 7700 900123.
phone-invalid = Saisissez un numéro de téléphone avec l’indicatif du pays, comme +44 7700 900123.
extension = Poste
how-to-get-code = Comment voulez-vous recevoir le code ?
by-text = SMS
by-call = Appel téléphonique
send-code = Envoyer le code
set-up-app = Configurer une application d’authentification
set-up-app-lead = Scannez cette image avec votre application d’authentification, puis saisissez le code affiché.
qr-alt = Un code QR à scanner avec votre application. Si vous ne pouvez pas le scanner, utilisez la clé indiquée en dessous.
qr-alt-only = Un code QR à scanner avec votre application.
cant-scan = Impossible de scanner ?
enter-key = Saisissez cette clé dans votre application :
set-up-okta-verify = Configurer Okta Verify
set-up-okta-verify-lead = Installez d’abord Okta Verify sur votre téléphone depuis sa boutique d’applications.
set-up-from-other-device = Ouvrez Okta Verify sur un appareil où vous l’utilisez déjà et ajoutez cet appareil à partir de là.
set-up-another-way = Configurer Okta Verify autrement
get-okta-verify = Télécharger Okta Verify
set-up-how = Comment voulez-vous continuer sur votre téléphone ?
by-qr = Scanner un code QR
by-email-link = Recevoir un lien par e‑mail
by-text-link = Recevoir un lien par SMS
scan-with-okta-verify = Ouvrez Okta Verify sur votre téléphone, ajoutez un compte et scannez cette image.
link-sent-to = Nous avons envoyé un lien à { $to }. Ouvrez-le sur votre téléphone.
link-sent = Nous vous avons envoyé un lien. Ouvrez-le sur votre téléphone.
send-link = Envoyer le lien
waiting-for-phone = Nous attendons votre téléphone…
set-it-up = Je l’ai configuré
set-up-token = Configurer votre jeton
token-username = Nom d’utilisateur du service du jeton
ask-support-to-set-up = Demandez à l’assistance de le configurer pour vous.
set-up-failed = Nous n’avons pas pu configurer cela. Réessayez.
verify-failed = Cela n’a pas fonctionné. Réessayez.
okta-verify-update = Mettez à jour Okta Verify, activez-y la biométrie pour votre compte, puis réessayez.
app-turn-on-biometrics = Activez la biométrie pour votre compte dans l’application, puis réessayez.
okta-verify-device-unfit = Okta Verify ne peut pas être configuré sur cet appareil. Utilisez un autre appareil ou contactez l’assistance.
okta-verify-update-only = Mettez Okta Verify à jour, puis réessayez.

### Passwords

reset-password = Réinitialiser votre mot de passe
choose-a-new-password = Choisissez un nouveau mot de passe
new-password = Nouveau mot de passe
confirm-password = Saisissez-le à nouveau
save-password = Enregistrer le mot de passe
sign-out-elsewhere = Me déconnecter de tous les autres appareils
password-needs = Votre mot de passe doit avoir :
requirement-met = respecté :
requirement-not-met = non respecté :
requirements-status = { $met } critères respectés sur { $total }
rule-length = { $n ->
    [one] au moins { $n } caractère
   *[other] au moins { $n } caractères
}
rule-lower = { $n ->
    [one] une lettre minuscule
   *[other] { $n } lettres minuscules
}
rule-upper = { $n ->
    [one] une lettre majuscule
   *[other] { $n } lettres majuscules
}
rule-number = { $n ->
    [one] un chiffre
   *[other] { $n } chiffres
}
rule-symbol = { $n ->
    [one] un symbole
   *[other] { $n } symboles
}
rule-no-username = aucune partie de votre nom d’utilisateur
rule-no-first-name = pas votre prénom
rule-no-last-name = pas votre nom
rule-not-attribute = pas ceci de votre profil : { $field }
rule-repeating = { $n ->
    [one] aucun caractère deux fois de suite
   *[other] aucun caractère plus de { $n } fois de suite
}
rule-classes = trois de ces éléments : minuscule, majuscule, chiffre, symbole
rule-history = { $n ->
    [one] une différence avec votre dernier mot de passe
   *[other] une différence avec vos { $n } derniers mots de passe
}
rule-age-hours = { $n ->
    [one] au moins { $n } heure depuis le dernier changement
   *[other] au moins { $n } heures depuis le dernier changement
}
password-not-met = Votre mot de passe ne respecte pas tous les critères.
password-common = Ce mot de passe est trop courant. Choisissez-en un autre.
passwords-differ = Les deux mots de passe sont différents.
password-expired = Votre mot de passe a expiré
password-expired-text = Choisissez-en un nouveau pour continuer.
password-expires-in = { $n ->
    [one] Votre mot de passe expire dans { $n } jour
   *[other] Votre mot de passe expire dans { $n } jours
}
password-expires-today = Votre mot de passe expire aujourd’hui
password-expires-soon = Votre mot de passe expire bientôt
password-expiring-text = Ensuite, vous ne pourrez plus vous connecter sans le changer.
password-elsewhere = Changez votre mot de passe
password-elsewhere-text = Votre mot de passe est géré par { $name }. Changez-le là-bas, puis reconnectez-vous.
go-to = Aller vers { $name }
password-not-changed = Nous n’avons pas pu changer le mot de passe. Contactez l’assistance.
password-changed = Mot de passe changé
password-changed-text = Connectez-vous avec votre nouveau mot de passe.
password-changed-no-sign-in = Votre mot de passe a été changé, mais nous n’avons pas pu vous connecter. Connectez-vous avec le nouveau.

### Recovery and unlocking

recover-lead = Saisissez votre nom d’utilisateur. Si nous trouvons un compte, nous enverrons des instructions.
recover-sent = Si nous trouvons un compte, des instructions sont en route.
recover-confirm = Continuez pour choisir un nouveau mot de passe.
cant-reset-here = Vous ne pouvez pas réinitialiser le mot de passe ici
unlock-lead = Saisissez votre nom d’utilisateur et choisissez comment confirmer votre identité.
unlocked = Votre compte est déverrouillé
unlocked-text = Si le compte était verrouillé, il est maintenant ouvert. Connectez-vous comme d’habitude.
cant-unlock = Nous ne pouvons pas déverrouiller ce compte ici
contact-support-text = Contactez l’assistance.
activate-confirm = Continuez pour activer votre compte.
link-expired = Ce lien a expiré
link-expired-text = Les liens ont une durée limitée. Demandez-en un nouveau.
send-new-link = Envoyer un nouveau lien
link-broken = Ce lien ne fonctionne pas
link-broken-text = Vérifiez que vous avez ouvert le lien entier, ou demandez-en un nouveau.
account-suspended = Ce compte est suspendu
request-received = Demande reçue
new-link-sent = Si vos informations correspondent à un compte, un nouveau lien est en route.

### Creating an account

register = Créer un compte
register-button = Créer le compte
more-details = Encore quelques informations
more-details-lead = Nous en avons besoin pour terminer votre compte.
email-invalid = Saisissez une adresse e‑mail comme nom@example.com.
check-format-of = Vérifiez le format de { $p0 }.
not-unique-email = Vous ne pouvez pas utiliser cette adresse e‑mail ici. Si c’est la vôtre, connectez-vous ou réinitialisez votre mot de passe.
not-unique = Vous ne pouvez pas utiliser cela ici.
registration-failed = Nous n’avons pas pu créer le compte. Réessayez plus tard.
cant-register = Vous ne pouvez pas créer de compte ici
cant-register-text = Adressez-vous aux responsables de ce service.
check-email-to-finish = Consultez vos e‑mails pour terminer
check-email-to-finish-text = Pour terminer, ouvrez le lien que nous avons envoyé.
choose-one = Choisissez

field-firstName = Prénom
field-middleName = Deuxième prénom
field-lastName = Nom
field-honorificPrefix = Civilité
field-honorificSuffix = Suffixe
field-displayName = Nom affiché
field-nickName = Surnom
field-email = Adresse e‑mail
field-secondEmail = Deuxième adresse e‑mail
field-login = Nom d’utilisateur
field-mobilePhone = Téléphone portable
field-primaryPhone = Téléphone
field-birthDate = Date de naissance
field-streetAddress = Adresse
field-city = Ville
field-state = État ou région
field-zipCode = Code postal
field-postalAddress = Adresse postale
field-countryCode = Pays
field-organization = Organisation
field-title = Fonction
field-preferredLanguage = Langue préférée
field-locale = Paramètres régionaux
field-timezone = Fuseau horaire
field-profileUrl = Adresse web
field-department = Service
field-division = Division
field-costCenter = Centre de coûts
field-employeeNumber = Matricule
field-userType = Type d’utilisateur

### Consent

app-wants-access = { $app } demande un accès
app-will-be-able = Si vous l’autorisez, { $app } pourra :
always-shared = Toujours partagé
was-this-you = Essayez-vous de vous connecter ?
was-this-you-lead = Quelqu’un, peut-être vous, demande à se connecter ainsi.
yes-it-is-me = Oui, c’est moi
no-it-is-not-me = Non, ce n’est pas moi
stay-signed-in = Rester connecté ?
stay-signed-in-lead = Répondez oui seulement sur un appareil qui vous appartient.
yes-stay-signed-in = Oui, rester connecté
no-stay = Non
connect-device = Connectez votre appareil
connect-device-lead = Saisissez le code affiché par votre appareil.
user-code = Code de l’appareil
fact-browser = Navigateur
fact-place = Lieu
fact-device = Appareil

### Ends of a sign-in

link-no-longer-works = Ce lien ne fonctionne plus
link-no-longer-works-text = Retournez à la page où vous avez commencé et demandez-en un nouveau.
that-worked = Cela a fonctionné
that-worked-text = Retournez à la page où vous avez commencé. Vous pouvez fermer celle-ci.
continued-elsewhere = Vous avez continué dans un autre onglet
continued-elsewhere-text = Vous pouvez fermer celui-ci.
your-code = Votre code de vérification
your-code-text = Saisissez ce code sur la page où vous avez commencé.
your-code-warning = Ne le communiquez à personne. Nous ne le demandons jamais par téléphone ni par e‑mail.
sign-in-stopped = Connexion arrêtée
sign-in-stopped-text = Vous pouvez recommencer à tout moment.
session-expired = Votre connexion a pris trop de temps
session-expired-text = Pour votre sécurité, nous l’avons arrêtée. Rien n’a été modifié.
no-answer-in-time = Nous n’avons pas reçu de réponse à temps
no-answer-in-time-text = Réessayez, et répondez plus vite sur votre téléphone ou dans vos e‑mails.
step-already-done = Vous avez déjà terminé cette étape.
no-access-to = Vous n’avez pas accès à { $app }
no-access = Vous n’avez pas accès à cette application
no-access-text = Demandez l’accès, ou connectez-vous avec un autre compte.
cant-sign-in-here = Vous ne pouvez pas vous connecter ici
cant-sign-in-here-text = Les règles de votre organisation ne le permettent pas. Contactez l’assistance si vous pensez que c’est une erreur.
no-accepted-method = Vous n’avez aucune méthode de connexion acceptée par cette application
provider-failed = Nous n’avons pas pu vous connecter avec { $name }
provider-failed-unnamed = Nous n’avons pas pu vous connecter avec l’autre service
provider-failed-text = Rien n’a été modifié. Réessayez ou choisissez une autre méthode.
proven-before = { $name } ne vous a pas demandé de vous reconnecter
proven-before-text = Toutes vos sessions ont été fermées, et une session antérieure de ce service ne suffit pas. Déconnectez-vous de ce service ou utilisez un autre navigateur, puis reconnectez-vous.
no-provider-for-address = Nous ne savons pas où se connectent les personnes ayant cette adresse. Vérifiez-la ou choisissez ci-dessous.
not-set-up = La connexion n’est pas configurée correctement
not-set-up-text = Le problème vient de nous. Donnez à l’assistance la référence ci-dessous.
cant-continue = Nous ne pouvons pas continuer ici
cant-continue-text = Cette connexion demande quelque chose que cette page ne connaît pas.
method-not-usable = Cette méthode n’est pas utilisable ici
method-not-usable-text = { $name } ne fonctionne pas sur cette page. Choisissez une autre méthode.
method-not-usable-unnamed = Elle ne fonctionne pas sur cette page. Choisissez-en une autre.
captcha-not-usable = Cette connexion demande une énigme que cette page n’affiche pas.
prove-who-you-are = Prouvez votre identité
prove-who-you-are-text = { $name } vérifiera votre identité. Vous reviendrez ensuite ici.
smart-card = Utilisez votre carte à puce
smart-card-text = Insérez votre carte PIV ou CAC, puis continuez.
device-connected = Votre appareil est connecté
device-connected-text = Vous pouvez fermer cette page et continuer sur votre appareil.
device-not-connected = Votre appareil n’est pas connecté
device-not-connected-text = Recommencez sur votre appareil.

### Errors of the gateway

didnt-work = Cela n’a pas fonctionné
page-out-of-date = La page que vous avez utilisée n’est plus à jour. Revenez en arrière et réessayez.
too-large = Ce que vous avez envoyé est trop volumineux.
wrong-method = Cette adresse n’accepte pas ce type de requête.
no-permission = Vous ne pouvez pas ouvrir cette page
no-permission-text = Votre compte n’a pas l’autorisation.
no-permission-as = Vous êtes connecté en tant que { $user }, et ce compte n’a pas l’autorisation.
no-permission-app = Vous avez demandé { $app }.
no-permission-groups = Y ont accès les membres de { $groups }.
no-permission-listed = Seuls certains comptes y ont accès, et celui-ci n’en fait pas partie.
no-permission-email = L’adresse e‑mail de votre compte n’a pas été vérifiée.
no-permission-excluded = Les comptes comme le vôtre en sont exclus.
no-permission-network = Elle n’est accessible que depuis certains réseaux, et le vôtre n’en fait pas partie.
no-permission-method = Ce que vous avez essayé de faire n’y est pas autorisé.
no-permission-scope = Seuls les programmes munis d’un jeton d’accès y ont accès.
switch-account = Utiliser un autre compte
please-try-again = Veuillez réessayer
not-our-form = Nous n’avons pas pu vérifier que la demande venait de notre page. Les cookies doivent être activés.
page-not-found = Page introuvable
page-not-found-text = Vérifiez l’adresse, ou allez à la page d’accueil.
unknown-host = Adresse incorrecte
unknown-host-text = Ce serveur ne répond pas pour { $host }. Vérifiez l’adresse.
address-too-long = L’adresse d’où vous venez est trop longue. Après la connexion, vous arriverez à sa page sans ce qui suit le point d’interrogation.
session-needed = Connexion nécessaire
sign-in-framed = Vous n’êtes pas connecté, et il n’est pas possible de se connecter dans une autre page.
sign-in-new-tab = Se connecter dans un nouvel onglet
send-form-again = Renvoyer
form-not-sent = Votre formulaire n’a pas été envoyé
form-not-sent-text = Vous n’êtes plus connecté ou devez vous reconnecter. Connectez-vous dans un nouvel onglet, revenez à cette page et renvoyez le formulaire. Rien n’est perdu tant que cette page reste ouverte.
form-of-another = Ce formulaire appartient à un autre compte.
form-of-another-browser = Ce formulaire appartient à un autre navigateur.
too-many-attempts = Trop d’essais
too-many-attempts-wait = { $n ->
    [one] Attendez { $n } seconde, puis réessayez.
   *[other] Attendez { $n } secondes, puis réessayez.
}
too-many-attempts-text = Attendez une minute, puis réessayez.
something-went-wrong = Une erreur s’est produite
something-went-wrong-text = Le problème vient de nous. Réessayez dans quelques minutes.
service-silent = Le service ne répond pas
service-silent-text = { $host } n’a pas répondu. Réessayez dans quelques minutes.
service-silent-unnamed = Il n’a pas répondu. Réessayez dans quelques minutes.
you-are-signed-in-though = Vous êtes connecté ; seul le service manque.
maintenance = Fermé pour maintenance
maintenance-text = Nous serons bientôt de retour.
sessions-unavailable = Nous ne pouvons pas vérifier en ce moment qui est connecté
sessions-unavailable-text = Vous restez connecté. Cette page réessaie d’elle-même.
sign-in-unavailable = La connexion n’est pas disponible
sign-in-unavailable-text = Nous ne pouvons pas joindre le service de connexion. Réessayez dans quelques minutes.
busy-now = Nous ne pouvons pas terminer pour l’instant
busy-now-text = Nous réessaierons dans { $time }.
cant-set-up-now = Vous ne pouvez pas configurer de méthodes pour l’instant
cant-set-up-now-text = Réessayez plus tard.
turn-on-cookies = Activez les cookies
turn-on-cookies-text = Nous avons besoin d’un cookie pour retenir où vous en êtes de votre connexion.

### Handing over, signing out, the account

signing-you-in = Connexion en cours
signing-you-out = Déconnexion en cours
sign-out = Se déconnecter
sign-out-everywhere = Se déconnecter de tous les appareils
sign-out-question = Se déconnecter ?
sign-out-lead = Cela met fin à votre session ici.
signed-out = Vous êtes déconnecté
signed-out-text = Fermez votre navigateur si vous partagez cet appareil.
signed-out-here-only = Vous êtes déconnecté ici, mais peut-être pas de { $name }.
sign-in-again = Se reconnecter
your-account = Votre compte
account-username = Nom d’utilisateur
account-email = Adresse e‑mail
account-groups = Groupes
account-left-out = Trop long pour être communiqué aux applications
account-since = Connecté depuis
account-until = Fin de la session au plus tard
account-methods = Confirmé avec
account-settings = Modifier les paramètres de votre compte
your-sessions = Où vous êtes connecté
your-sessions-text = Mettez fin à ce que vous ne reconnaissez pas, puis changez votre mot de passe.
this-session = Ce navigateur
end-session = Mettre fin
end-session-of = Mettre fin à la session dans { $browser }
end-other-sessions = Mettre fin à toutes les autres sessions
session-last-used = Dernière utilisation

amr-pwd = Mot de passe
amr-mfa = Plusieurs méthodes
amr-otp = Code à usage unique
amr-sms = SMS
amr-tel = Appel téléphonique
amr-swk = Clé logicielle
amr-hwk = Clé de sécurité ou appareil
amr-fpt = Empreinte digitale
amr-face = Visage
amr-pin = Code PIN
amr-pop = Possession d’une clé
amr-kba = Question de sécurité
amr-sc = Carte à puce
amr-user = Présence
amr-wia = Connexion Windows
amr-geo = Position
amr-rba = Contrôle du risque

### Dates, as "21 November 2026, 05:42 UTC"

date-and-time = { $day } { $month } { $year }, { $time } UTC
date-only = { $day } { $month } { $year }
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
