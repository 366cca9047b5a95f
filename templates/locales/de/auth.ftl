### The frame of every page

skip-to-content = Zum Inhalt springen
problem-of = { $field }: { $text }
error-prefix = Fehler
problem-title = Es gibt ein Problem
heading-and-sentence = { $heading }. { $sentence }
signing-in-as = Anmeldung als
signed-in-as = Sie sind als { $user } angemeldet.
not-you = Nicht Sie?
or = oder
optional = optional
all-required = Alle Felder sind Pflichtfelder, sofern sie nicht als optional gekennzeichnet sind.
language-name = Deutsch
language = Sprache
change-language = Ändern
help = Hilfe
privacy = Datenschutz
terms = Nutzungsbedingungen
contact-support = Support kontaktieren
reference = Referenz: { $id }
needs-javascript = Für diesen Schritt wird JavaScript benötigt. Schalten Sie es ein oder wählen Sie einen anderen Weg.

### Buttons and links

sign-in = Anmelden
next = Weiter
continue = Fortfahren
verify = Bestätigen
save = Speichern
skip = Überspringen
not-now = Jetzt nicht
remind-me-later = Später erinnern
cancel = Abbrechen
allow = Zulassen
do-not-allow = Nicht zulassen
home = Zur Startseite
start-again = Neu beginnen
try-again = Erneut versuchen
try-another-way = Anderen Weg wählen
back-to-sign-in = Zurück zur Anmeldung
forgot-password = Passwort vergessen?
unlock-account = Konto entsperren
create-account = Konto erstellen
have-an-account = Sie haben schon ein Konto? Anmelden
sign-in-with-username = Mit Ihrem Benutzernamen anmelden
use-hosted-page = Standard-Anmeldeseite verwenden
use-plain-pages = Die einfachen Anmeldeseiten verwenden
request-access = Zugriff anfordern
sign-in-as-someone-else = Mit einem anderen Konto anmelden
continue-with = Weiter mit { $name }
sign-in-with-passkey = Mit Passkey anmelden

### What is announced while a reply is awaited

busy = Einen Moment …
signing-in = Anmeldung läuft …
checking = Wird geprüft …
sending = Wird gesendet …
saving = Wird gespeichert …

### Signing in

to-continue-to = um mit { $app } fortzufahren
username = Benutzername
email = E‑Mail-Adresse
password = Passwort
keep-me-signed-in = Angemeldet bleiben
enter-username = Geben Sie Ihren Benutzernamen ein
enter-password = Geben Sie Ihr Passwort ein
enter-this = Füllen Sie dieses Feld aus
fill-in = Füllen Sie aus: { $field }
bad-credentials = Benutzername oder Passwort ist nicht richtig.
wrong-password = Das Passwort ist nicht richtig. Prüfen Sie es und versuchen Sie es erneut.
account-locked = Ihr Konto ist gesperrt
account-locked-text = Versuchen Sie es später erneut, entsperren Sie es oder wenden Sie sich an den Support.

### Showing what is typed

show = Anzeigen
hide = Verbergen
show-password = Passwort anzeigen
hide-password = Passwort verbergen
password-shown = Ihr Passwort ist sichtbar
password-hidden = Ihr Passwort ist verborgen
show-code = Code anzeigen
hide-code = Code verbergen
code-shown = Ihr Code ist sichtbar
code-hidden = Ihr Code ist verborgen
show-answer = Antwort anzeigen
hide-answer = Antwort verbergen
answer-shown = Ihre Antwort ist sichtbar
answer-hidden = Ihre Antwort ist verborgen
show-other = Eingabe anzeigen
hide-other = Eingabe verbergen
other-shown = Ihre Eingabe ist sichtbar
other-hidden = Ihre Eingabe ist verborgen
caps-lock = Die Feststelltaste ist aktiv
copy = Kopieren
copied = Kopiert

### Choosing a method

verify-it-is-you = Bestätigen Sie, dass Sie es sind
choose-how-to-verify = Wählen Sie, wie Sie sich ausweisen möchten.
method-password = Passwort
method-email = E‑Mail
method-phone = Telefon
method-sms = SMS
method-voice = Anruf
method-okta-verify-code = Okta Verify: Code eingeben
method-okta-verify-push = Okta Verify: Push-Benachrichtigung erhalten
method-okta-verify = Okta Verify
method-passkey = Passkey oder Sicherheitsschlüssel
method-question = Sicherheitsfrage
method-access-code = Vorläufiger Zugangscode

about-password = Etwas, das nur Sie wissen
about-email = Ein Link oder Code an Ihre E‑Mail-Adresse
about-phone = Ein Code per SMS oder Anruf
about-app-code = Ein Code aus einer App auf Ihrem Telefon
about-okta-verify = Codes und Benachrichtigungen von Okta Verify
about-passkey = Ihr Fingerabdruck, Gesicht, Ihre PIN oder ein Sicherheitsschlüssel
about-question = Die Antwort auf eine Frage Ihrer Wahl
about-token = Ein Code von einem Token, den Sie bei sich tragen

### Phone

verify-with-phone = Mit dem Telefon bestätigen
can-send-code-to = Wir können einen Code an { $to } senden.
can-send-code = Wir können einen Code an Ihr Telefon senden.
send-text = SMS senden
call-me = Stattdessen anrufen
call = Anrufen
carrier-charges = Es können Gebühren Ihres Anbieters anfallen.

### Codes

check-your-phone = Sehen Sie auf Ihr Telefon
answer-the-call = Nehmen Sie den Anruf an
enter-code-from = Geben Sie den Code aus { $app } ein
enter-passcode = Geben Sie Ihren Passcode ein
enter-access-code = Geben Sie Ihren vorläufigen Zugangscode ein
code-sent-sms = Wir haben einen Code per SMS an { $to } gesendet.
code-sent-sms-unknown = Wir haben einen Code per SMS an Ihr Telefon gesendet.
code-sent-voice = Wir rufen { $to } an, um Ihnen einen Code anzusagen.
code-sent-voice-unknown = Wir rufen Ihr Telefon an, um Ihnen einen Code anzusagen.
open-app-for-code = Öffnen Sie { $app } und geben Sie den angezeigten Code ein.
passcode-from-token = Geben Sie den Code ein, den Ihr Token anzeigt.
press-your-key = Setzen Sie den Cursor in das Feld und drücken Sie dann auf Ihren Schlüssel.
access-code-from-support = Geben Sie den Code ein, den Sie von Ihrem Support erhalten haben.
code = Code
passcode = Passcode
next-passcode = Nächster Passcode
credential-id = Kennung des Tokens
send-new-code = Neuen Code senden
get-code-another-way = Den Code anders erhalten
enter-code = Geben Sie den Code ein
code-wrong = Der Code ist nicht richtig. Prüfen Sie ihn und versuchen Sie es erneut.
code-used = Der Code wurde schon verwendet. Warten Sie auf den nächsten.
code-next = Warten Sie, bis sich die Zahl auf Ihrem Token ändert, und geben Sie dann die neue ein.
just-sent = { $n ->
    [one] Wir haben gerade einen gesendet. Warten Sie { $n } Sekunde.
   *[other] Wir haben gerade einen gesendet. Warten Sie { $n } Sekunden.
}
just-sent-one = Wir haben gerade einen gesendet. Warten Sie 30 Sekunden.
new-code-sent = Wir haben einen neuen Code gesendet.
set-up-link-sent = Wir haben einen neuen Link gesendet.
method-blocked = Dieser Weg ist nach zu vielen Versuchen gesperrt. Wählen Sie einen anderen.
too-many-texts = Es wurden zu viele SMS gesendet. Versuchen Sie es später erneut oder wählen Sie einen anderen Weg.
too-many-calls = Es gab zu viele Anrufe. Versuchen Sie es später erneut oder wählen Sie einen anderen Weg.

### Email

get-an-email = E‑Mail erhalten
can-email = Wir können eine E‑Mail an { $to } senden.
can-email-unknown = Wir können eine E‑Mail an Ihre Adresse senden.
send-email = E‑Mail an mich senden
check-your-email = Sehen Sie in Ihr E‑Mail-Postfach
email-sent-link-or-code = Wir haben eine E‑Mail an { $to } gesendet. Öffnen Sie den Link darin oder geben Sie hier den Code daraus ein.
email-sent-link-or-code-unknown = Wir haben Ihnen eine E‑Mail gesendet. Öffnen Sie den Link darin oder geben Sie hier den Code daraus ein.
email-sent-code = Wir haben eine E‑Mail an { $to } gesendet. Geben Sie hier den Code daraus ein.
email-sent-code-unknown = Wir haben Ihnen eine E‑Mail gesendet. Geben Sie hier den Code daraus ein.
email-sent-to-both = Wir haben eine E‑Mail an { $to } und an { $other } gesendet. Öffnen Sie den Link darin oder geben Sie hier den Code daraus ein.
send-again = Weitere E‑Mail senden
waiting-for-link = Wir warten, bis Sie den Link öffnen …
opened-the-link = Ich habe den Link geöffnet
stopped-checking = Wir prüfen nicht mehr. Mit der Schaltfläche unten prüfen Sie erneut.

### Push

get-a-push = Push-Benachrichtigung erhalten
send-push = Push-Benachrichtigung senden
send-automatically = Nächstes Mal automatisch senden
approve-on-phone = Öffnen Sie { $app } auf Ihrem Telefon und bestätigen Sie die Anfrage. Der dort angezeigte Ort kann der unserer Firma sein, nicht Ihrer.
tap-number = Öffnen Sie { $app } auf Ihrem Telefon und tippen Sie auf diese Zahl:
the-number-is = Die Zahl lautet
waiting-for-approval = Wir warten, bis Sie die Anfrage bestätigen …
approved-it = Ich habe bestätigt
send-another-push = Weitere Benachrichtigung senden
push-rejected = Die Anfrage wurde auf Ihrem Telefon abgelehnt.
push-rejected-not-you = Die Anfrage wurde auf Ihrem Telefon abgelehnt. Wenn Sie das nicht waren, wenden Sie sich an den Support.
device-not-checked = Wir konnten dieses Gerät nicht prüfen. Wählen Sie einen anderen Weg.

### Security question

answer-question = Beantworten Sie Ihre Sicherheitsfrage
answer = Antwort
question = Frage
choose-question = Wählen Sie eine Sicherheitsfrage
own-question = Eigene Frage schreiben
your-question = Ihre eigene Frage
answer-wrong = Die Antwort ist nicht richtig.
answer-too-short = Verwenden Sie mindestens { $p0 } Zeichen.
answer-no-tags = Verwenden Sie weder < noch >.
enter-answer = Geben Sie Ihre Antwort ein
enter-question = Wählen oder schreiben Sie eine Frage

question-disliked_food = Welches Essen mochten Sie als Kind am wenigsten?
question-name_of_first_plush_toy = Wie hieß Ihr erstes Stofftier?
question-first_award = Wofür haben Sie Ihre erste Medaille oder Auszeichnung bekommen?
question-favorite_security_question = Was ist Ihre liebste Sicherheitsfrage?
question-favorite_toy = Welches Spielzeug oder Stofftier mochten Sie als Kind am liebsten?
question-first_computer_game = Welches Computerspiel haben Sie als Erstes gespielt?
question-favorite_movie_quote = Was ist Ihr liebstes Filmzitat?
question-first_sports_team_mascot = Was war das Maskottchen Ihrer ersten Sportmannschaft?
question-first_music_purchase = Welches Album oder Lied haben Sie als Erstes gekauft?
question-favorite_art_piece = Was ist Ihr liebstes Kunstwerk?
question-grandmother_favorite_desert = Was war der Lieblingsnachtisch Ihrer Großmutter?
question-first_thing_cooked = Was haben Sie als Erstes kochen gelernt?
question-childhood_dream_job = Was war als Kind Ihr Traumberuf?
question-first_kiss_location = Wo war Ihr erster Kuss?
question-place_where_significant_other_was_met = Wo haben Sie Ihre Partnerin oder Ihren Partner kennengelernt?
question-favorite_vacation_location = Wo war Ihr schönster Urlaub?
question-new_years_two_thousand = Wo waren Sie an Silvester im Jahr 2000?
question-favorite_speaker_actor = Wer ist Ihre liebste Rednerin, Ihr liebster Redner oder Schauspieler?
question-favorite_book_movie_character = Wer ist Ihre liebste Buch- oder Filmfigur?
question-favorite_sports_player = Wer ist Ihre liebste Sportlerin oder Ihr liebster Sportler?

### Passkeys

use-your-passkey = Verwenden Sie Ihren Passkey
passkey-lead = Ihr Browser fragt nach Fingerabdruck, Gesicht, PIN oder Sicherheitsschlüssel.
continue-with-passkey = Mit Passkey fortfahren
create-a-passkey = Passkey erstellen
create-passkey-lead = Ihr Browser fragt, wo er gespeichert werden soll.
create-passkey = Passkey jetzt erstellen
passkey-verified-by-you = Sie werden nach Fingerabdruck, Gesicht oder PIN gefragt.
cant-use-passkey = Geht das nicht?
cant-use-passkey-text = Versuchen Sie ein anderes Gerät mit einem gespeicherten Passkey oder wählen Sie unten einen anderen Weg.
passkey-failed = Der Passkey hat nicht funktioniert. Versuchen Sie es erneut oder wählen Sie einen anderen Weg.
passkey-cancelled = Die Anfrage wurde abgebrochen oder dauerte zu lange. Versuchen Sie es erneut.
passkey-domain = Für diese Webadresse sind keine Passkeys eingerichtet. Wählen Sie einen anderen Weg.
passkey-exists = Dieses Gerät hat schon einen Passkey für Ihr Konto.
passkey-unsupported = Dieser Browser kann keine Passkeys verwenden. Wählen Sie einen anderen Weg.

### Setting up methods

set-up-methods = Sicherheitsmethoden einrichten
set-up-methods-lead = Sicherheitsmethoden schützen Ihr Konto und helfen Ihnen, wieder hineinzukommen.
required-now = Jetzt erforderlich
required-soon = Bald erforderlich
optional-methods = Optional
required-by = Erforderlich bis { $date }
skips-left = { $n ->
    [one] Sie können dies noch { $n }-mal verschieben.
   *[other] Sie können dies noch { $n }-mal verschieben.
}
choose-a-password = Wählen Sie ein Passwort
add-your-phone = Fügen Sie Ihr Telefon hinzu
use-another-number = Andere Telefonnummer verwenden
phone-number = Telefonnummer
phone-hint = Beginnen Sie mit der Ländervorwahl, wie +44 7700 900123.
phone-invalid = Geben Sie eine Telefonnummer mit Ländervorwahl ein, wie +44 7700 900123.
extension = Durchwahl
how-to-get-code = Wie möchten Sie den Code erhalten?
by-text = SMS
by-call = Anruf
send-code = Code senden
set-up-app = Authenticator-App einrichten
set-up-app-lead = Scannen Sie dieses Bild mit Ihrer Authenticator-App und geben Sie dann den angezeigten Code ein.
qr-alt = Ein QR-Code, den Sie mit Ihrer App scannen. Wenn das nicht geht, verwenden Sie den Schlüssel darunter.
qr-alt-only = Ein QR-Code, den Sie mit Ihrer App scannen.
cant-scan = Scannen geht nicht?
enter-key = Geben Sie diesen Schlüssel in Ihrer App ein:
set-up-okta-verify = Okta Verify einrichten
set-up-okta-verify-lead = Installieren Sie zuerst Okta Verify aus dem App-Store auf Ihrem Telefon.
set-up-from-other-device = Öffnen Sie Okta Verify auf einem Gerät, auf dem Sie es schon verwenden, und fügen Sie dieses Gerät von dort hinzu.
set-up-another-way = Okta Verify anders einrichten
get-okta-verify = Okta Verify herunterladen
set-up-how = Wie möchten Sie auf Ihrem Telefon fortfahren?
by-qr = QR-Code scannen
by-email-link = Link per E‑Mail erhalten
by-text-link = Link per SMS erhalten
scan-with-okta-verify = Öffnen Sie Okta Verify auf Ihrem Telefon, fügen Sie ein Konto hinzu und scannen Sie dieses Bild.
link-sent-to = Wir haben einen Link an { $to } gesendet. Öffnen Sie ihn auf Ihrem Telefon.
link-sent = Wir haben Ihnen einen Link gesendet. Öffnen Sie ihn auf Ihrem Telefon.
send-link = Link senden
waiting-for-phone = Wir warten auf Ihr Telefon …
set-it-up = Ich habe es eingerichtet
set-up-token = Token einrichten
token-username = Benutzername beim Dienst des Tokens
ask-support-to-set-up = Bitten Sie den Support, dies für Sie einzurichten.
set-up-failed = Das konnten wir nicht einrichten. Versuchen Sie es erneut.
verify-failed = Das hat nicht funktioniert. Versuchen Sie es erneut.
okta-verify-update = Aktualisieren Sie Okta Verify, schalten Sie darin die Biometrie für Ihr Konto ein und versuchen Sie es erneut.
app-turn-on-biometrics = Schalten Sie in der App die Biometrie für Ihr Konto ein und versuchen Sie es erneut.
okta-verify-device-unfit = Okta Verify kann auf diesem Gerät nicht eingerichtet werden. Verwenden Sie ein anderes Gerät oder wenden Sie sich an den Support.
okta-verify-update-only = Aktualisieren Sie Okta Verify und versuchen Sie es erneut.

### Passwords

reset-password = Passwort zurücksetzen
choose-a-new-password = Wählen Sie ein neues Passwort
new-password = Neues Passwort
confirm-password = Noch einmal eingeben
save-password = Passwort speichern
sign-out-elsewhere = Auf allen anderen Geräten abmelden
password-needs = Ihr Passwort braucht:
requirement-met = erfüllt:
requirement-not-met = nicht erfüllt:
requirements-status = { $met } von { $total } Anforderungen erfüllt
rule-length = { $n ->
    [one] mindestens { $n } Zeichen
   *[other] mindestens { $n } Zeichen
}
rule-lower = { $n ->
    [one] einen Kleinbuchstaben
   *[other] { $n } Kleinbuchstaben
}
rule-upper = { $n ->
    [one] einen Großbuchstaben
   *[other] { $n } Großbuchstaben
}
rule-number = { $n ->
    [one] eine Ziffer
   *[other] { $n } Ziffern
}
rule-symbol = { $n ->
    [one] ein Sonderzeichen
   *[other] { $n } Sonderzeichen
}
rule-no-username = keinen Teil Ihres Benutzernamens
rule-no-first-name = nicht Ihren Vornamen
rule-no-last-name = nicht Ihren Nachnamen
rule-not-attribute = nicht dies aus Ihrem Profil: { $field }
rule-repeating = { $n ->
    [one] kein Zeichen zweimal hintereinander
   *[other] kein Zeichen öfter als { $n }-mal hintereinander
}
rule-classes = drei von diesen: Kleinbuchstabe, Großbuchstabe, Ziffer, Sonderzeichen
rule-history = { $n ->
    [one] anders als Ihr letztes Passwort
   *[other] anders als Ihre letzten { $n } Passwörter
}
rule-age-hours = { $n ->
    [one] mindestens { $n } Stunde seit der letzten Änderung
   *[other] mindestens { $n } Stunden seit der letzten Änderung
}
password-not-met = Ihr Passwort erfüllt nicht alle Anforderungen.
password-common = Dieses Passwort ist zu häufig. Wählen Sie ein anderes.
passwords-differ = Die beiden Passwörter sind verschieden.
password-expired = Ihr Passwort ist abgelaufen
password-expired-text = Wählen Sie ein neues, um fortzufahren.
password-expires-in = { $n ->
    [one] Ihr Passwort läuft morgen ab
   *[other] Ihr Passwort läuft in { $n } Tagen ab
}
password-expires-today = Ihr Passwort läuft heute ab
password-expires-soon = Ihr Passwort läuft bald ab
password-expiring-text = Danach können Sie sich erst wieder anmelden, wenn Sie es geändert haben.
password-elsewhere = Ändern Sie Ihr Passwort
password-elsewhere-text = Ihr Passwort wird von { $name } verwaltet. Ändern Sie es dort und melden Sie sich dann wieder an.
go-to = Zu { $name }
password-not-changed = Wir konnten das Passwort nicht ändern. Wenden Sie sich an den Support.
password-changed = Passwort geändert
password-changed-text = Melden Sie sich mit Ihrem neuen Passwort an.
password-changed-no-sign-in = Ihr Passwort wurde geändert, aber wir konnten Sie nicht anmelden. Melden Sie sich mit dem neuen an.

### Recovery and unlocking

recover-lead = Geben Sie Ihren Benutzernamen ein. Wenn wir ein Konto finden, senden wir Ihnen eine Anleitung.
recover-sent = Wenn wir ein Konto finden, ist eine Anleitung unterwegs.
recover-confirm = Fahren Sie fort, um ein neues Passwort zu wählen.
cant-reset-here = Sie können das Passwort hier nicht zurücksetzen
unlock-lead = Geben Sie Ihren Benutzernamen ein und wählen Sie, wie Sie sich ausweisen möchten.
unlocked = Ihr Konto ist entsperrt
unlocked-text = Falls das Konto gesperrt war, ist es jetzt offen. Melden Sie sich wie gewohnt an.
cant-unlock = Wir können dieses Konto hier nicht entsperren
contact-support-text = Wenden Sie sich an den Support.
activate-confirm = Fahren Sie fort, um Ihr Konto zu aktivieren.
link-expired = Dieser Link ist abgelaufen
link-expired-text = Links gelten nur begrenzte Zeit. Fordern Sie einen neuen an.
send-new-link = Neuen Link senden
link-broken = Dieser Link funktioniert nicht
link-broken-text = Prüfen Sie, ob Sie den ganzen Link geöffnet haben, oder fordern Sie einen neuen an.
account-suspended = Dieses Konto ist stillgelegt
request-received = Anfrage erhalten
new-link-sent = Wenn Ihre Angaben zu einem Konto passen, ist ein neuer Link unterwegs.

### Creating an account

register = Konto erstellen
register-button = Konto jetzt erstellen
more-details = Noch ein paar Angaben
more-details-lead = Wir brauchen sie, um Ihr Konto fertigzustellen.
email-invalid = Geben Sie eine E‑Mail-Adresse wie name@example.com ein.
check-format-of = Prüfen Sie das Format von { $p0 }.
not-unique-email = Sie können diese E‑Mail-Adresse hier nicht verwenden. Wenn es Ihre ist, melden Sie sich an oder setzen Sie Ihr Passwort zurück.
not-unique = Das können Sie hier nicht verwenden.
registration-failed = Wir konnten das Konto nicht erstellen. Versuchen Sie es später erneut.
cant-register = Sie können hier kein Konto erstellen
cant-register-text = Fragen Sie die Betreiber dieses Dienstes.
check-email-to-finish = Sehen Sie zum Abschluss in Ihr E‑Mail-Postfach
check-email-to-finish-text = Öffnen Sie zum Abschluss den Link, den wir gesendet haben.
choose-one = Bitte wählen

field-firstName = Vorname
field-middleName = Zweiter Vorname
field-lastName = Nachname
field-honorificPrefix = Anrede
field-honorificSuffix = Namenszusatz
field-displayName = Anzeigename
field-nickName = Spitzname
field-email = E‑Mail-Adresse
field-secondEmail = Zweite E‑Mail-Adresse
field-login = Benutzername
field-mobilePhone = Mobiltelefon
field-primaryPhone = Telefon
field-birthDate = Geburtsdatum
field-streetAddress = Straße und Hausnummer
field-city = Ort
field-state = Bundesland oder Region
field-zipCode = Postleitzahl
field-postalAddress = Postanschrift
field-countryCode = Land
field-organization = Organisation
field-title = Position
field-preferredLanguage = Bevorzugte Sprache
field-locale = Gebietsschema
field-timezone = Zeitzone
field-profileUrl = Webadresse
field-department = Abteilung
field-division = Bereich
field-costCenter = Kostenstelle
field-employeeNumber = Personalnummer
field-userType = Benutzertyp

### Consent

app-wants-access = { $app } möchte Zugriff
app-will-be-able = Wenn Sie es zulassen, kann { $app }:
always-shared = Wird immer geteilt
was-this-you = Versuchen Sie, sich anzumelden?
was-this-you-lead = Jemand, vielleicht Sie, möchte sich so anmelden:
yes-it-is-me = Ja, das bin ich
no-it-is-not-me = Nein, das bin ich nicht
stay-signed-in = Angemeldet bleiben?
stay-signed-in-lead = Wählen Sie Ja nur auf einem Gerät, das Ihnen gehört.
yes-stay-signed-in = Ja, angemeldet bleiben
no-stay = Nein
connect-device = Verbinden Sie Ihr Gerät
connect-device-lead = Geben Sie den Code ein, den Ihr Gerät anzeigt.
user-code = Gerätecode
fact-browser = Browser
fact-place = Ort
fact-device = Gerät

### Ends of a sign-in

link-no-longer-works = Dieser Link gilt nicht mehr
link-no-longer-works-text = Gehen Sie zurück zu der Seite, auf der Sie begonnen haben, und fordern Sie einen neuen an.
that-worked = Das hat funktioniert
that-worked-text = Gehen Sie zurück zu der Seite, auf der Sie begonnen haben. Diese können Sie schließen.
continued-elsewhere = Sie haben in einem anderen Tab weitergemacht
continued-elsewhere-text = Diesen können Sie schließen.
your-code = Ihr Bestätigungscode
your-code-text = Geben Sie diesen Code auf der Seite ein, auf der Sie begonnen haben.
your-code-warning = Geben Sie ihn niemandem weiter. Wir fragen nie per Telefon oder E‑Mail danach.
sign-in-stopped = Anmeldung beendet
sign-in-stopped-text = Sie können jederzeit neu beginnen.
session-expired = Ihre Anmeldung hat zu lange gedauert
session-expired-text = Zu Ihrer Sicherheit haben wir sie beendet. Es wurde nichts geändert.
no-answer-in-time = Wir haben nicht rechtzeitig eine Antwort bekommen
no-answer-in-time-text = Versuchen Sie es erneut und antworten Sie schneller auf Ihrem Telefon oder in Ihrer E‑Mail.
step-already-done = Diesen Schritt haben Sie schon erledigt.
no-access-to = Sie haben keinen Zugriff auf { $app }
no-access = Sie haben keinen Zugriff auf diese App
no-access-text = Fordern Sie Zugriff an oder melden Sie sich mit einem anderen Konto an.
cant-sign-in-here = Sie können sich hier nicht anmelden
cant-sign-in-here-text = Die Regeln Ihrer Organisation lassen es nicht zu. Wenden Sie sich an den Support, wenn Sie das für falsch halten.
no-accepted-method = Sie haben keine Anmeldemethode, die diese App akzeptiert
provider-failed = Wir konnten Sie nicht mit { $name } anmelden
provider-failed-unnamed = Wir konnten Sie nicht mit dem anderen Dienst anmelden
provider-failed-text = Es wurde nichts geändert. Versuchen Sie es erneut oder wählen Sie einen anderen Weg.
proven-before = { $name } hat keine neue Anmeldung verlangt
proven-before-text = Alle Ihre Sitzungen wurden beendet, und eine frühere dort genügt nicht. Melden Sie sich dort ab oder verwenden Sie einen anderen Browser, und melden Sie sich dann erneut an.
no-provider-for-address = Wir wissen nicht, wo sich Personen mit dieser Adresse anmelden. Prüfen Sie sie oder wählen Sie unten.
not-set-up = Die Anmeldung ist nicht richtig eingerichtet
not-set-up-text = Das Problem liegt bei uns. Nennen Sie dem Support die Referenz unten.
cant-continue = Hier geht es nicht weiter
cant-continue-text = Diese Anmeldung verlangt etwas, das diese Seite nicht kennt.
method-not-usable = Diese Methode geht hier nicht
method-not-usable-text = { $name } funktioniert auf dieser Seite nicht. Wählen Sie einen anderen Weg.
method-not-usable-unnamed = Sie funktioniert auf dieser Seite nicht. Wählen Sie einen anderen Weg.
captcha-not-usable = Diese Anmeldung verlangt ein Rätsel, das diese Seite nicht zeigt.
prove-who-you-are = Weisen Sie sich aus
prove-who-you-are-text = { $name } prüft Ihre Identität. Danach kommen Sie hierher zurück.
smart-card = Verwenden Sie Ihre Smartcard
smart-card-text = Stecken Sie Ihre PIV- oder CAC-Karte ein und fahren Sie fort.
device-connected = Ihr Gerät ist verbunden
device-connected-text = Sie können diese Seite schließen und auf Ihrem Gerät weitermachen.
device-not-connected = Ihr Gerät ist nicht verbunden
device-not-connected-text = Beginnen Sie auf Ihrem Gerät neu.

### Errors of the gateway

didnt-work = Das hat nicht funktioniert
page-out-of-date = Die Seite, die Sie benutzt haben, ist veraltet. Gehen Sie zurück und versuchen Sie es erneut.
too-large = Was Sie gesendet haben, ist zu groß.
wrong-method = Diese Adresse nimmt solche Anfragen nicht an.
no-permission = Sie können diese Seite nicht öffnen
no-permission-text = Ihr Konto hat keine Berechtigung.
no-permission-as = Sie sind als { $user } angemeldet, und dieses Konto hat keine Berechtigung.
no-permission-app = Sie wollten zu { $app }.
no-permission-groups = Zugang haben Mitglieder von { $groups }.
no-permission-listed = Zugang haben nur bestimmte Konten, und dieses gehört nicht dazu.
no-permission-email = Die E‑Mail-Adresse Ihres Kontos ist nicht bestätigt.
no-permission-excluded = Konten wie Ihres sind davon ausgenommen.
no-permission-network = Sie ist nur aus bestimmten Netzen erreichbar, und Ihres gehört nicht dazu.
no-permission-method = Was Sie versucht haben, ist dort nicht erlaubt.
no-permission-scope = Zugang haben nur Programme mit einem Zugriffstoken.
switch-account = Anderes Konto verwenden
please-try-again = Bitte versuchen Sie es erneut
not-our-form = Wir konnten nicht prüfen, ob die Anfrage von unserer Seite kam. Cookies müssen eingeschaltet sein.
page-not-found = Seite nicht gefunden
page-not-found-text = Prüfen Sie die Adresse oder gehen Sie zur Startseite.
unknown-host = Falsche Adresse
unknown-host-text = Dieser Server ist nicht für { $host } zuständig. Prüfen Sie die Adresse.
address-too-long = Die Adresse, von der Sie kommen, ist zu lang. Nach der Anmeldung erreichen Sie die Seite ohne das, was hinter dem Fragezeichen steht.
session-needed = Anmeldung nötig
sign-in-framed = Sie sind nicht angemeldet, und innerhalb einer anderen Seite ist das nicht möglich.
sign-in-new-tab = In neuem Tab anmelden
send-form-again = Erneut senden
form-not-sent = Ihr Formular wurde nicht gesendet
form-not-sent-text = Sie sind nicht mehr angemeldet oder müssen sich erneut anmelden. Melden Sie sich in einem neuen Tab an, kehren Sie auf diese Seite zurück und senden Sie das Formular erneut. Solange diese Seite offen ist, geht nichts verloren.
form-of-another = Dieses Formular gehört zu einem anderen Konto.
form-of-another-browser = Dieses Formular gehört zu einem anderen Browser.
too-many-attempts = Zu viele Versuche
too-many-attempts-wait = { $n ->
    [one] Warten Sie { $n } Sekunde und versuchen Sie es dann erneut.
   *[other] Warten Sie { $n } Sekunden und versuchen Sie es dann erneut.
}
too-many-attempts-text = Warten Sie eine Minute und versuchen Sie es dann erneut.
something-went-wrong = Etwas ist schiefgegangen
something-went-wrong-text = Das Problem liegt bei uns. Versuchen Sie es in ein paar Minuten erneut.
service-silent = Der Dienst antwortet nicht
service-silent-text = { $host } hat nicht geantwortet. Versuchen Sie es in ein paar Minuten erneut.
service-silent-unnamed = Er hat nicht geantwortet. Versuchen Sie es in ein paar Minuten erneut.
you-are-signed-in-though = Sie sind angemeldet; nur der Dienst fehlt.
maintenance = Wegen Wartung nicht erreichbar
maintenance-text = Wir sind bald wieder da.
sessions-unavailable = Wir können gerade nicht prüfen, wer angemeldet ist
sessions-unavailable-text = Sie bleiben angemeldet. Diese Seite versucht es von selbst noch einmal.
sign-in-unavailable = Die Anmeldung ist nicht verfügbar
sign-in-unavailable-text = Wir erreichen den Anmeldedienst nicht. Versuchen Sie es in ein paar Minuten erneut.
busy-now = Wir können das gerade nicht abschließen
busy-now-text = Wir versuchen es in { $time } erneut.
cant-set-up-now = Sie können gerade keine Methoden einrichten
cant-set-up-now-text = Versuchen Sie es später erneut.
turn-on-cookies = Schalten Sie Cookies ein
turn-on-cookies-text = Wir brauchen ein Cookie, um uns zu merken, wie weit Sie mit der Anmeldung sind.

### Handing over, signing out, the account

signing-you-in = Sie werden angemeldet
signing-you-out = Sie werden abgemeldet
sign-out = Abmelden
sign-out-everywhere = Auf allen Geräten abmelden
sign-out-question = Abmelden?
sign-out-lead = Damit endet Ihre Sitzung hier.
signed-out = Sie haben sich abgemeldet
signed-out-text = Schließen Sie den Browser, wenn andere dieses Gerät mitbenutzen.
signed-out-here-only = Sie sind hier abgemeldet, aber vielleicht nicht bei { $name }.
sign-in-again = Wieder anmelden
your-account = Ihr Konto
account-username = Benutzername
account-email = E‑Mail-Adresse
account-groups = Gruppen
account-left-out = Zu lang, um es den Anwendungen mitzuteilen
account-since = Angemeldet seit
account-until = Sitzung endet spätestens
account-methods = Bestätigt mit
account-settings = Kontoeinstellungen ändern
your-sessions = Wo Sie angemeldet sind
your-sessions-text = Beenden Sie, was Sie nicht erkennen, und ändern Sie dann Ihr Passwort.
this-session = Dieser Browser
end-session = Beenden
end-session-of = Die Sitzung in { $browser } beenden
end-other-sessions = Alle anderen Sitzungen beenden
session-last-used = Zuletzt verwendet

amr-pwd = Passwort
amr-mfa = Mehrere Methoden
amr-otp = Einmalcode
amr-sms = SMS
amr-tel = Anruf
amr-swk = Softwareschlüssel
amr-hwk = Sicherheitsschlüssel oder Gerät
amr-fpt = Fingerabdruck
amr-face = Gesicht
amr-pin = PIN
amr-pop = Besitz eines Schlüssels
amr-kba = Sicherheitsfrage
amr-sc = Smartcard
amr-user = Anwesenheit
amr-wia = Windows-Anmeldung
amr-geo = Standort
amr-rba = Risikoprüfung

### Dates, as "21 November 2026, 05:42 UTC"

date-and-time = { $day }. { $month } { $year }, { $time } UTC
date-only = { $day }. { $month } { $year }
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember
