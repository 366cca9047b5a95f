# What the pages say. One folder a language, the same ids in each.
#
# Parameters: $app an application, $name another organisation or a person, $to and $user an address,
# a telephone number or a user name, $n a number, $date a date, $host a server, $p0 the org's own
# first parameter. $brand is known to every message.

### The frame of every page

skip-to-content = Skip to content
problem-of = { $field }: { $text }
error-prefix = Error
problem-title = There is a problem
heading-and-sentence = { $heading }. { $sentence }
signing-in-as = Signing in as
signed-in-as = You are signed in as { $user }.
not-you = Not you?
or = or
optional = optional
all-required = All fields are required unless marked optional.
language-name = English
language = Language
change-language = Change
help = Help
privacy = Privacy
terms = Terms
contact-support = Contact support
reference = Reference: { $id }
needs-javascript = This step needs JavaScript. Turn it on, or choose another way.

### Buttons and links

sign-in = Sign in
next = Next
continue = Continue
verify = Verify
save = Save
skip = Skip
not-now = Not now
remind-me-later = Remind me later
cancel = Cancel
allow = Allow
do-not-allow = Don’t allow
home = Go to the home page
start-again = Start again
try-again = Try again
try-another-way = Try another way
back-to-sign-in = Back to sign in
forgot-password = Forgot your password?
unlock-account = Unlock your account
create-account = Create an account
have-an-account = Already have an account? Sign in
sign-in-with-username = Sign in with your username
use-hosted-page = Use the standard sign-in page
use-plain-pages = Use the plain sign-in pages
request-access = Request access
sign-in-as-someone-else = Sign in with another account
continue-with = Continue with { $name }
sign-in-with-passkey = Sign in with a passkey

### What is announced while a reply is awaited

busy = One moment…
signing-in = Signing in…
checking = Checking…
sending = Sending…
saving = Saving…

### Signing in

to-continue-to = to continue to { $app }
username = Username
email = Email
password = Password
keep-me-signed-in = Keep me signed in
enter-username = Enter your username
enter-password = Enter your password
enter-this = Fill in this field
fill-in = Fill in: { $field }
bad-credentials = Your username or password is not right.
wrong-password = That password is not right. Check it and try again.
account-locked = Your account is locked
account-locked-text = Try again later, unlock it, or contact support.

### Showing what is typed

show = Show
hide = Hide
show-password = Show password
hide-password = Hide password
password-shown = Your password is visible
password-hidden = Your password is hidden
show-code = Show code
hide-code = Hide code
code-shown = Your code is visible
code-hidden = Your code is hidden
show-answer = Show answer
hide-answer = Hide answer
answer-shown = Your answer is visible
answer-hidden = Your answer is hidden
show-other = Show what you typed
hide-other = Hide what you typed
other-shown = What you typed is visible
other-hidden = What you typed is hidden
caps-lock = Caps Lock is on
copy = Copy
copied = Copied

### Choosing a method

verify-it-is-you = Verify it’s you
choose-how-to-verify = Choose how to confirm it’s you.
method-password = Password
method-email = Email
method-phone = Phone
method-sms = Text message
method-voice = Phone call
method-okta-verify-code = Okta Verify: enter a code
method-okta-verify-push = Okta Verify: get a push notification
method-okta-verify = Okta Verify
method-passkey = Passkey or security key
method-question = Security question
method-access-code = Temporary access code

about-password = Something only you know
about-email = A link or a code, sent to your email
about-phone = A code by text message or phone call
about-app-code = A code from an app on your phone
about-okta-verify = Codes and notifications from Okta Verify
about-passkey = Your fingerprint, face, PIN or security key
about-question = The answer to a question you choose
about-token = A code from a token you carry

### Phone

verify-with-phone = Verify with your phone
can-send-code-to = We can send a code to { $to }.
can-send-code = We can send a code to your phone.
send-text = Send a text message
call-me = Call me instead
call = Call me
carrier-charges = Carrier charges may apply.

### Codes

check-your-phone = Check your phone
answer-the-call = Answer the call
enter-code-from = Enter the code from { $app }
enter-passcode = Enter your passcode
enter-access-code = Enter your temporary access code
code-sent-sms = We sent a code by text message to { $to }.
code-sent-sms-unknown = We sent a code by text message to your phone.
code-sent-voice = We are calling { $to } to tell you a code.
code-sent-voice-unknown = We are calling your phone to tell you a code.
open-app-for-code = Open { $app } and enter the code it shows.
passcode-from-token = Enter the code that your token shows.
press-your-key = Put your cursor in the box, then press your key.
access-code-from-support = Enter the code that your support team gave you.
code = Code
passcode = Passcode
next-passcode = Next passcode
credential-id = Credential ID
send-new-code = Send a new code
get-code-another-way = Get the code another way
enter-code = Enter the code
code-wrong = That code is not right. Check it and try again.
code-used = That code was already used. Wait for the next one.
code-next = Wait for the number on your token to change, then enter the new one.
just-sent = { $n ->
    [one] We just sent one. Wait { $n } second.
   *[other] We just sent one. Wait { $n } seconds.
}
just-sent-one = We just sent one. Wait 30 seconds.
new-code-sent = We sent a new code.
set-up-link-sent = We sent a new link.
method-blocked = This method is blocked after too many tries. Try another way.
too-many-texts = Too many text messages were sent. Try again later, or try another way.
too-many-calls = Too many calls were made. Try again later, or try another way.

### Email

get-an-email = Get an email
can-email = We can send an email to { $to }.
can-email-unknown = We can send an email to your address.
send-email = Send me an email
check-your-email = Check your email
email-sent-link-or-code = We sent an email to { $to }. Open the link in it, or enter the code from it here.
email-sent-link-or-code-unknown = We sent you an email. Open the link in it, or enter the code from it here.
email-sent-code = We sent an email to { $to }. Enter the code from it here.
email-sent-code-unknown = We sent you an email. Enter the code from it here.
email-sent-to-both = We sent an email to { $to } and to { $other }. Open the link in it, or enter the code from it here.
send-again = Send another email
waiting-for-link = Waiting for you to open the link…
opened-the-link = I’ve opened the link
stopped-checking = We stopped checking. Use the button below to check again.

### Push

get-a-push = Get a push notification
send-push = Send a push notification
send-automatically = Send it automatically next time
approve-on-phone = Open { $app } on your phone and approve the request. The place it shows may be our company’s, not yours.
tap-number = Open { $app } on your phone and tap this number:
the-number-is = The number is
waiting-for-approval = Waiting for you to approve the request…
approved-it = I’ve approved it
send-another-push = Send another notification
push-rejected = The request was turned down on your phone.
push-rejected-not-you = The request was turned down on your phone. If that wasn’t you, contact support.
device-not-checked = We couldn’t check this device. Try another way.

### Security question

answer-question = Answer your security question
answer = Answer
question = Question
choose-question = Choose a security question
own-question = Write my own question
your-question = Your own question
answer-wrong = That answer is not right.
answer-too-short = Use at least { $p0 } characters.
answer-no-tags = Don’t use < or >.
enter-answer = Enter your answer
enter-question = Choose or write a question

question-disliked_food = What is the food you least liked as a child?
question-name_of_first_plush_toy = What is the name of your first stuffed animal?
question-first_award = What did you earn your first medal or award for?
question-favorite_security_question = What is your favorite security question?
question-favorite_toy = What is the toy or stuffed animal you liked the most as a kid?
question-first_computer_game = What was the first computer game you played?
question-favorite_movie_quote = What is your favorite movie quote?
question-first_sports_team_mascot = What was the mascot of the first sports team you played on?
question-first_music_purchase = What music album or song did you first purchase?
question-favorite_art_piece = What is your favorite piece of art?
question-grandmother_favorite_desert = What was your grandmother’s favorite dessert?
question-first_thing_cooked = What was the first thing you learned to cook?
question-childhood_dream_job = What was your dream job as a child?
question-first_kiss_location = Where did you have your first kiss?
question-place_where_significant_other_was_met = Where did you meet your partner?
question-favorite_vacation_location = Where did you go for your favorite vacation?
question-new_years_two_thousand = Where were you on New Year’s Eve in the year 2000?
question-favorite_speaker_actor = Who is your favorite speaker or actor?
question-favorite_book_movie_character = Who is your favorite book or movie character?
question-favorite_sports_player = Who is your favorite sports player?

### Passkeys

use-your-passkey = Use your passkey
passkey-lead = Your browser will ask for your fingerprint, face, PIN or security key.
continue-with-passkey = Continue with passkey
create-a-passkey = Create a passkey
create-passkey-lead = Your browser will ask where to save it.
create-passkey = Create passkey
passkey-verified-by-you = You will be asked for your fingerprint, face or PIN.
cant-use-passkey = Can’t use it?
cant-use-passkey-text = Try another device where you saved a passkey, or choose another way below.
passkey-failed = That passkey didn’t work. Try again, or try another way.
passkey-cancelled = The request was cancelled or timed out. Try again.
passkey-domain = Passkeys are not set up for this web address. Try another way.
passkey-exists = This device already has a passkey for your account.
passkey-unsupported = This browser can’t use passkeys. Try another way.

### Setting up methods

set-up-methods = Set up security methods
set-up-methods-lead = Security methods protect your account and help you get back in.
required-now = Required now
required-soon = Required soon
optional-methods = Optional
required-by = Required by { $date }
skips-left = { $n ->
    [one] You can put this off { $n } more time.
   *[other] You can put this off { $n } more times.
}
choose-a-password = Choose a password
add-your-phone = Add your phone
use-another-number = Use another phone number
phone-number = Phone number
phone-hint = Start with the country code, like +44 7700 900123.
phone-invalid = Enter a phone number with its country code, like +44 7700 900123.
extension = Extension
how-to-get-code = How do you want to get the code?
by-text = Text message
by-call = Phone call
send-code = Send the code
set-up-app = Set up an authenticator app
set-up-app-lead = Scan this picture with your authenticator app, then enter the code it shows.
qr-alt = A QR code to scan with your app. If you can’t scan it, use the key given below it.
qr-alt-only = A QR code to scan with your app.
cant-scan = Can’t scan it?
enter-key = Enter this key in your app:
set-up-okta-verify = Set up Okta Verify
set-up-okta-verify-lead = Install Okta Verify on your phone from its app store first.
set-up-from-other-device = Open Okta Verify on a device where you use it already, and add this device from there.
set-up-another-way = Set up Okta Verify another way
get-okta-verify = Get Okta Verify
set-up-how = How do you want to continue on your phone?
by-qr = Scan a QR code
by-email-link = Get a link by email
by-text-link = Get a link by text message
scan-with-okta-verify = Open Okta Verify on your phone, add an account, and scan this picture.
link-sent-to = We sent a link to { $to }. Open it on your phone.
link-sent = We sent you a link. Open it on your phone.
send-link = Send the link
waiting-for-phone = Waiting for your phone…
set-it-up = I’ve set it up
set-up-token = Set up your token
token-username = User name on the token’s service
ask-support-to-set-up = Ask support to set this up for you.
set-up-failed = We couldn’t set that up. Try again.
verify-failed = That didn’t work. Try again.
okta-verify-update = Update Okta Verify, turn on biometrics for your account in it, and try again.
app-turn-on-biometrics = Turn on biometrics for your account in the app, and try again.
okta-verify-device-unfit = Okta Verify can’t be set up on this device. Use another device, or contact support.
okta-verify-update-only = Update Okta Verify, and try again.

### Passwords

reset-password = Reset your password
choose-a-new-password = Choose a new password
new-password = New password
confirm-password = Enter it again
save-password = Save password
sign-out-elsewhere = Sign me out on all other devices
password-needs = Your password needs:
requirement-met = met:
requirement-not-met = not met:
requirements-status = { $met } of { $total } requirements met
rule-length = { $n ->
    [one] at least { $n } character
   *[other] at least { $n } characters
}
rule-lower = { $n ->
    [one] a lowercase letter
   *[other] { $n } lowercase letters
}
rule-upper = { $n ->
    [one] an uppercase letter
   *[other] { $n } uppercase letters
}
rule-number = { $n ->
    [one] a number
   *[other] { $n } numbers
}
rule-symbol = { $n ->
    [one] a symbol
   *[other] { $n } symbols
}
rule-no-username = no part of your username
rule-no-first-name = not your first name
rule-no-last-name = not your last name
rule-not-attribute = not your { $field }
rule-repeating = { $n ->
    [one] no character twice in a row
   *[other] no character more than { $n } times in a row
}
rule-classes = three of these: lowercase letter, uppercase letter, number, symbol
rule-history = { $n ->
    [one] different from your last password
   *[other] different from your last { $n } passwords
}
rule-age-hours = { $n ->
    [one] at least { $n } hour since your last change
   *[other] at least { $n } hours since your last change
}
password-not-met = Your password doesn’t meet all the requirements.
password-common = This password is too common. Choose another one.
passwords-differ = The two passwords are different.
password-expired = Your password has expired
password-expired-text = Choose a new one to go on.
password-expires-in = { $n ->
    [one] Your password expires tomorrow
   *[other] Your password expires in { $n } days
}
password-expires-today = Your password expires today
password-expires-soon = Your password expires soon
password-expiring-text = After that you can’t sign in until you change it.
password-elsewhere = Change your password
password-elsewhere-text = Your password is kept by { $name }. Change it there, then sign in again.
go-to = Go to { $name }
password-not-changed = We couldn’t change the password. Contact support.
password-changed = Password changed
password-changed-text = Sign in with your new password.
password-changed-no-sign-in = Your password was changed, but we couldn’t sign you in. Sign in with the new one.

### Recovery and unlocking

recover-lead = Enter your username. If we find an account, we will send instructions.
recover-sent = If we find an account, instructions are on their way.
recover-confirm = Continue to choose a new password.
cant-reset-here = You can’t reset the password here
unlock-lead = Enter your username and choose how to confirm it’s you.
unlocked = Your account is unlocked
unlocked-text = If the account was locked, it is open now. Sign in as usual.
cant-unlock = We can’t unlock this account here
contact-support-text = Contact support.
activate-confirm = Continue to activate your account.
link-expired = This link has expired
link-expired-text = Links work for a limited time. Ask for a new one.
send-new-link = Send a new link
link-broken = This link doesn’t work
link-broken-text = Check that you opened the whole link, or ask for a new one.
account-suspended = This account is suspended
request-received = Request received
new-link-sent = If your details match an account, a new link is on its way.

### Creating an account

register = Create an account
register-button = Create account
more-details = A few more details
more-details-lead = We need these to finish your account.
email-invalid = Enter an email address like name@example.com.
check-format-of = Check the format of { $p0 }.
not-unique-email = You can’t use that email here. If it is yours, sign in or reset your password.
not-unique = You can’t use that here.
registration-failed = We couldn’t create the account. Try again later.
cant-register = You can’t create an account here
cant-register-text = Ask the people who run this service.
check-email-to-finish = Check your email to finish
check-email-to-finish-text = To finish, open the link we sent.
choose-one = Choose one

field-firstName = First name
field-middleName = Middle name
field-lastName = Last name
field-honorificPrefix = Title
field-honorificSuffix = Suffix
field-displayName = Display name
field-nickName = Nickname
field-email = Email
field-secondEmail = Second email
field-login = Username
field-mobilePhone = Mobile phone
field-primaryPhone = Phone
field-birthDate = Date of birth
field-streetAddress = Street address
field-city = City
field-state = State or region
field-zipCode = Postal code
field-postalAddress = Postal address
field-countryCode = Country
field-organization = Organization
field-title = Job title
field-preferredLanguage = Preferred language
field-locale = Locale
field-timezone = Time zone
field-profileUrl = Web address
field-department = Department
field-division = Division
field-costCenter = Cost center
field-employeeNumber = Employee number
field-userType = User type

### Consent

app-wants-access = { $app } wants access
app-will-be-able = If you allow it, { $app } can:
always-shared = Always shared
was-this-you = Are you trying to sign in?
was-this-you-lead = Someone, maybe you, asked to sign in as follows.
yes-it-is-me = Yes, it’s me
no-it-is-not-me = No, it’s not me
stay-signed-in = Stay signed in?
stay-signed-in-lead = Choose yes only on a device that is yours.
yes-stay-signed-in = Yes, stay signed in
no-stay = No
connect-device = Connect your device
connect-device-lead = Enter the code that your device shows.
user-code = Device code
fact-browser = Browser
fact-place = Place
fact-device = Device

### Ends of a sign-in

link-no-longer-works = This link no longer works
link-no-longer-works-text = Go back to the page where you started and ask for a new one.
that-worked = That worked
that-worked-text = Go back to the page where you started. You can close this one.
continued-elsewhere = You continued in another tab
continued-elsewhere-text = You can close this one.
your-code = Your verification code
your-code-text = Enter this code on the page where you started.
your-code-warning = Share it with nobody. We never ask for it by phone or email.
sign-in-stopped = Sign-in stopped
sign-in-stopped-text = You can start again at any time.
session-expired = Your sign-in took too long
session-expired-text = For your safety we stopped it. Nothing was changed.
no-answer-in-time = We didn’t get an answer in time
no-answer-in-time-text = Try again, and answer on your phone or in your email sooner.
step-already-done = You already finished that step.
no-access-to = You don’t have access to { $app }
no-access = You don’t have access to this app
no-access-text = Ask for access, or sign in with another account.
cant-sign-in-here = You can’t sign in here
cant-sign-in-here-text = Your organization’s rules don’t allow it. Contact support if you think that is wrong.
no-accepted-method = You have no sign-in method this app accepts
provider-failed = We couldn’t sign you in with { $name }
provider-failed-unnamed = We couldn’t sign you in with the other service
provider-failed-text = Nothing was changed. Try again, or try another way.
proven-before = { $name } did not ask you to sign in again
proven-before-text = All your sessions were ended, and an earlier one there is not enough. Sign out there or use another browser, then sign in again.
no-provider-for-address = We don’t know where people with this address sign in. Check it, or choose below.
not-set-up = Sign-in is not set up correctly
not-set-up-text = The problem is on our side. Give support the reference below.
cant-continue = We can’t continue here
cant-continue-text = This sign-in asks for something this page doesn’t know.
method-not-usable = This method can’t be used here
method-not-usable-text = { $name } doesn’t work on this page. Try another way.
method-not-usable-unnamed = It doesn’t work on this page. Try another way.
captcha-not-usable = This sign-in asks for a puzzle that this page doesn’t show.
prove-who-you-are = Prove who you are
prove-who-you-are-text = { $name } will check your identity. Then you come back here.
smart-card = Use your smart card
smart-card-text = Insert your PIV or CAC card, then continue.
device-connected = Your device is connected
device-connected-text = You can close this page and go on on your device.
device-not-connected = Your device is not connected
device-not-connected-text = Start again on your device.

### Errors of the gateway

didnt-work = That didn’t work
page-out-of-date = The page you used is out of date. Go back and try again.
too-large = What you sent is too large.
wrong-method = This address doesn’t take that kind of request.
no-permission = You can’t open this page
no-permission-text = Your account does not have permission.
no-permission-as = You are signed in as { $user }, and that account does not have permission.
no-permission-app = You asked for { $app }.
no-permission-groups = It is open to members of { $groups }.
no-permission-listed = It is open to certain accounts only, and this is not one of them.
no-permission-email = The email address of your account has not been verified.
no-permission-excluded = Accounts like yours are excluded from it.
no-permission-network = It can only be reached from certain networks, and yours is not one of them.
no-permission-method = What you tried to do is not allowed there.
no-permission-scope = It is open only to programs with an access token.
switch-account = Use another account
please-try-again = Please try again
not-our-form = We couldn’t check that the request came from our page. Cookies must be on.
page-not-found = Page not found
page-not-found-text = Check the address, or go to the home page.
unknown-host = Wrong address
unknown-host-text = This server does not answer for { $host }. Check the address.
address-too-long = The address you came from is too long to keep. After signing in you reach its page without what follows the question mark.
session-needed = Sign in needed
sign-in-framed = You are not signed in, and signing in is not possible within another page.
sign-in-new-tab = Sign in in a new tab
send-form-again = Send again
form-not-sent = Your form was not sent
form-not-sent-text = You are not signed in any more, or have to sign in again. Sign in in a new tab, come back to this page, and send the form again. Nothing of it is lost as long as this page is open.
form-of-another = This form belongs to another account.
form-of-another-browser = This form belongs to another browser.
too-many-attempts = Too many attempts
too-many-attempts-wait = { $n ->
    [one] Wait { $n } second, then try again.
   *[other] Wait { $n } seconds, then try again.
}
too-many-attempts-text = Wait a minute, then try again.
something-went-wrong = Something went wrong
something-went-wrong-text = The problem is on our side. Try again in a few minutes.
service-silent = The service is not answering
service-silent-text = { $host } did not answer. Try again in a few minutes.
service-silent-unnamed = It did not answer. Try again in a few minutes.
you-are-signed-in-though = You are signed in; only the service is missing.
maintenance = Down for maintenance
maintenance-text = We will be back soon.
sessions-unavailable = We can’t check who is signed in right now
sessions-unavailable-text = You are still signed in. This page tries again by itself.
sign-in-unavailable = Sign-in is not available
sign-in-unavailable-text = We can’t reach the sign-in service. Try again in a few minutes.
busy-now = We can’t finish this right now
busy-now-text = We will try again in { $time }.
cant-set-up-now = You can’t set up methods right now
cant-set-up-now-text = Try again later.
turn-on-cookies = Turn on cookies
turn-on-cookies-text = We need a cookie to remember where you are in signing in.

### Handing over, signing out, the account

signing-you-in = Signing you in
signing-you-out = Signing you out
sign-out = Sign out
sign-out-everywhere = Sign out on all devices
sign-out-question = Sign out?
sign-out-lead = This ends your session here.
signed-out = You have signed out
signed-out-text = Close your browser if you share this device.
signed-out-here-only = You are signed out here, but maybe not from { $name }.
sign-in-again = Sign in again
your-account = Your account
account-username = Username
account-email = Email
account-groups = Groups
account-left-out = Too long for the apps to be told
account-since = Signed in
account-until = Session ends at the latest
account-methods = Confirmed with
account-settings = Change your account settings
your-sessions = Where you are signed in
your-sessions-text = End what you don’t recognise, then change your password.
this-session = This browser
end-session = End
end-session-of = End the session in { $browser }
end-other-sessions = End all other sessions
session-last-used = Last used

# How somebody showed who they are, by the values of `amr` (RFC 8176); others are shown as they are.
amr-pwd = Password
amr-mfa = Several methods
amr-otp = One-time code
amr-sms = Text message
amr-tel = Phone call
amr-swk = Software key
amr-hwk = Security key or device
amr-fpt = Fingerprint
amr-face = Face
amr-pin = PIN
amr-pop = Proof of a key
amr-kba = Security question
amr-sc = Smart card
amr-user = Presence
amr-wia = Windows sign-in
amr-geo = Location
amr-rba = Risk check

### Dates, as "21 November 2026, 05:42 UTC"

date-and-time = { $day } { $month } { $year }, { $time } UTC
date-only = { $day } { $month } { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
