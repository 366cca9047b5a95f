### The frame of every page

skip-to-content = انتقل إلى المحتوى
problem-of = { $field }: { $text }
error-prefix = خطأ
problem-title = هناك مشكلة
heading-and-sentence = { $heading }. { $sentence }
signing-in-as = تسجيل الدخول باسم
signed-in-as = أنت مسجّل الدخول باسم { $user }.
not-you = لست أنت؟
or = أو
optional = اختياري
all-required = جميع الحقول مطلوبة ما لم يُذكر أنها اختيارية.
language-name = العربية
language = اللغة
change-language = تغيير
help = مساعدة
privacy = الخصوصية
terms = الشروط
contact-support = الاتصال بالدعم
reference = المرجع: { $id }
needs-javascript = تحتاج هذه الخطوة إلى JavaScript. فعّلها أو اختر طريقة أخرى.

### Buttons and links

sign-in = تسجيل الدخول
next = التالي
continue = متابعة
verify = تحقّق
save = حفظ
skip = تخطٍّ
not-now = ليس الآن
remind-me-later = ذكّرني لاحقًا
cancel = إلغاء
allow = السماح
do-not-allow = عدم السماح
home = الذهاب إلى الصفحة الرئيسية
start-again = البدء من جديد
try-again = المحاولة مرة أخرى
try-another-way = تجربة طريقة أخرى
back-to-sign-in = العودة إلى تسجيل الدخول
forgot-password = هل نسيت كلمة المرور؟
unlock-account = إلغاء قفل حسابك
create-account = إنشاء حساب
have-an-account = لديك حساب بالفعل؟ سجّل الدخول
sign-in-with-username = تسجيل الدخول باسم المستخدم
use-hosted-page = استخدام صفحة تسجيل الدخول العادية
use-plain-pages = استخدام صفحات تسجيل الدخول البسيطة
request-access = طلب الوصول
sign-in-as-someone-else = تسجيل الدخول بحساب آخر
continue-with = المتابعة باستخدام { $name }
sign-in-with-passkey = تسجيل الدخول بمفتاح مرور

### What is announced while a reply is awaited

busy = لحظة من فضلك…
signing-in = جارٍ تسجيل الدخول…
checking = جارٍ التحقق…
sending = جارٍ الإرسال…
saving = جارٍ الحفظ…

### Signing in

to-continue-to = للمتابعة إلى { $app }
username = اسم المستخدم
email = البريد الإلكتروني
password = كلمة المرور
keep-me-signed-in = إبقائي مسجّل الدخول
enter-username = أدخل اسم المستخدم
enter-password = أدخل كلمة المرور
enter-this = املأ هذا الحقل
fill-in = املأ: { $field }
bad-credentials = اسم المستخدم أو كلمة المرور غير صحيحة.
wrong-password = كلمة المرور غير صحيحة. تحقّق منها وحاول مرة أخرى.
account-locked = حسابك مقفل
account-locked-text = حاول لاحقًا، أو ألغِ قفله، أو اتصل بالدعم.

### Showing what is typed

show = إظهار
hide = إخفاء
show-password = إظهار كلمة المرور
hide-password = إخفاء كلمة المرور
password-shown = كلمة المرور ظاهرة
password-hidden = كلمة المرور مخفية
show-code = إظهار الرمز
hide-code = إخفاء الرمز
code-shown = الرمز ظاهر
code-hidden = الرمز مخفي
show-answer = إظهار الإجابة
hide-answer = إخفاء الإجابة
answer-shown = إجابتك ظاهرة
answer-hidden = إجابتك مخفية
show-other = إظهار ما كتبته
hide-other = إخفاء ما كتبته
other-shown = ما كتبته ظاهر
other-hidden = ما كتبته مخفي
caps-lock = مفتاح Caps Lock مفعّل
copy = نسخ
copied = تم النسخ

### Choosing a method

verify-it-is-you = أثبت هويتك
choose-how-to-verify = اختر كيف تثبت هويتك.
method-password = كلمة المرور
method-email = البريد الإلكتروني
method-phone = الهاتف
method-sms = رسالة نصية
method-voice = مكالمة هاتفية
method-okta-verify-code = ‏Okta Verify: إدخال رمز
method-okta-verify-push = ‏Okta Verify: تلقّي إشعار
method-okta-verify = Okta Verify
method-passkey = مفتاح مرور أو مفتاح أمان
method-question = سؤال الأمان
method-access-code = رمز وصول مؤقت

about-password = شيء لا يعرفه غيرك
about-email = رابط أو رمز يُرسل إلى بريدك الإلكتروني
about-phone = رمز برسالة نصية أو مكالمة هاتفية
about-app-code = رمز من تطبيق على هاتفك
about-okta-verify = رموز وإشعارات من Okta Verify
about-passkey = بصمتك أو وجهك أو رقم PIN أو مفتاح أمان
about-question = الإجابة عن سؤال تختاره
about-token = رمز من جهاز صغير تحمله معك

### Phone

verify-with-phone = التحقق بالهاتف
can-send-code-to = يمكننا إرسال رمز إلى { $to }.
can-send-code = يمكننا إرسال رمز إلى هاتفك.
send-text = إرسال رسالة نصية
call-me = اتصلوا بي بدلًا من ذلك
call = اتصلوا بي
carrier-charges = قد تُطبَّق رسوم من شركة الاتصالات.

### Codes

check-your-phone = انظر إلى هاتفك
answer-the-call = أجب عن المكالمة
enter-code-from = أدخل الرمز من { $app }
enter-passcode = أدخل رمز المرور
enter-access-code = أدخل رمز الوصول المؤقت
code-sent-sms = أرسلنا رمزًا برسالة نصية إلى { $to }.
code-sent-sms-unknown = أرسلنا رمزًا برسالة نصية إلى هاتفك.
code-sent-voice = نتصل الآن بالرقم { $to } لنخبرك برمز.
code-sent-voice-unknown = نتصل الآن بهاتفك لنخبرك برمز.
open-app-for-code = افتح { $app } وأدخل الرمز الذي يعرضه.
passcode-from-token = أدخل الرمز الذي يعرضه جهازك.
press-your-key = ضع المؤشر في الخانة ثم اضغط على مفتاحك.
access-code-from-support = أدخل الرمز الذي أعطاك إياه فريق الدعم.
code = الرمز
passcode = رمز المرور
next-passcode = رمز المرور التالي
credential-id = معرّف الجهاز
send-new-code = إرسال رمز جديد
get-code-another-way = الحصول على الرمز بطريقة أخرى
enter-code = أدخل الرمز
code-wrong = الرمز غير صحيح. تحقّق منه وحاول مرة أخرى.
code-used = سبق استخدام هذا الرمز. انتظر الرمز التالي.
code-next = انتظر حتى يتغيّر الرقم على جهازك ثم أدخل الرقم الجديد.
just-sent = { $n ->
    [zero] أرسلنا رمزًا للتو. حاول الآن.
    [one] أرسلنا رمزًا للتو. انتظر ثانية واحدة.
    [two] أرسلنا رمزًا للتو. انتظر ثانيتين.
    [few] أرسلنا رمزًا للتو. انتظر { $n } ثوانٍ.
    [many] أرسلنا رمزًا للتو. انتظر { $n } ثانية.
   *[other] أرسلنا رمزًا للتو. انتظر { $n } ثانية.
}
just-sent-one = أرسلنا رمزًا للتو. انتظر 30 ثانية.
new-code-sent = أرسلنا رمزًا جديدًا.
set-up-link-sent = أرسلنا رابطًا جديدًا.
method-blocked = هذه الطريقة محظورة بعد محاولات كثيرة. جرّب طريقة أخرى.
too-many-texts = أُرسلت رسائل نصية كثيرة. حاول لاحقًا أو جرّب طريقة أخرى.
too-many-calls = أُجريت مكالمات كثيرة. حاول لاحقًا أو جرّب طريقة أخرى.

### Email

get-an-email = تلقّي رسالة بالبريد الإلكتروني
can-email = يمكننا إرسال رسالة إلى { $to }.
can-email-unknown = يمكننا إرسال رسالة إلى عنوانك.
send-email = إرسال رسالة إليّ
check-your-email = انظر إلى بريدك الإلكتروني
email-sent-link-or-code = أرسلنا رسالة إلى { $to }. افتح الرابط الذي فيها، أو أدخل هنا الرمز الذي فيها.
email-sent-link-or-code-unknown = أرسلنا إليك رسالة. افتح الرابط الذي فيها، أو أدخل هنا الرمز الذي فيها.
email-sent-code = أرسلنا رسالة إلى { $to }. أدخل هنا الرمز الذي فيها.
email-sent-code-unknown = أرسلنا إليك رسالة. أدخل هنا الرمز الذي فيها.
email-sent-to-both = أرسلنا رسالة إلى { $to } وإلى { $other }. افتح الرابط الذي فيها، أو أدخل هنا الرمز الذي فيها.
send-again = إرسال رسالة أخرى
waiting-for-link = ننتظر أن تفتح الرابط…
opened-the-link = فتحت الرابط
stopped-checking = توقفنا عن التحقق. استخدم الزر أدناه للتحقق من جديد.

### Push

get-a-push = تلقّي إشعار
send-push = إرسال إشعار
send-automatically = إرساله تلقائيًا في المرة القادمة
approve-on-phone = افتح { $app } على هاتفك ووافق على الطلب. قد يكون المكان الذي يعرضه مكان شركتنا وليس مكانك.
tap-number = افتح { $app } على هاتفك واضغط على هذا الرقم:
the-number-is = الرقم هو
waiting-for-approval = ننتظر موافقتك على الطلب…
approved-it = وافقت عليه
send-another-push = إرسال إشعار آخر
push-rejected = رُفض الطلب على هاتفك.
push-rejected-not-you = رُفض الطلب على هاتفك. إن لم تكن أنت من رفضه، فاتصل بالدعم.
device-not-checked = لم نتمكن من التحقق من هذا الجهاز. جرّب طريقة أخرى.

### Security question

answer-question = أجب عن سؤال الأمان
answer = الإجابة
question = السؤال
choose-question = اختر سؤال أمان
own-question = كتابة سؤالي الخاص
your-question = سؤالك الخاص
answer-wrong = الإجابة غير صحيحة.
answer-too-short = الحد الأدنى لعدد الأحرف: { $p0 }.
answer-no-tags = لا تستخدم < أو >.
enter-answer = أدخل إجابتك
enter-question = اختر سؤالًا أو اكتبه

question-disliked_food = ما أقل طعام أحببته في طفولتك؟
question-name_of_first_plush_toy = ما اسم أول دمية محشوّة لك؟
question-first_award = على ماذا نلت أول ميدالية أو جائزة؟
question-favorite_security_question = ما سؤال الأمان المفضل لديك؟
question-favorite_toy = ما اللعبة أو الدمية التي أحببتها أكثر في طفولتك؟
question-first_computer_game = ما أول لعبة حاسوب لعبتها؟
question-favorite_movie_quote = ما عبارتك المفضلة من فيلم؟
question-first_sports_team_mascot = ما تميمة أول فريق رياضي لعبت فيه؟
question-first_music_purchase = ما أول ألبوم أو أغنية اشتريتها؟
question-favorite_art_piece = ما عملك الفني المفضل؟
question-grandmother_favorite_desert = ما الحلوى المفضلة لدى جدتك؟
question-first_thing_cooked = ما أول شيء تعلمت طبخه؟
question-childhood_dream_job = ما وظيفة أحلامك في طفولتك؟
question-first_kiss_location = أين كانت قبلتك الأولى؟
question-place_where_significant_other_was_met = أين التقيت بشريك حياتك؟
question-favorite_vacation_location = أين قضيت أجمل عطلة لك؟
question-new_years_two_thousand = أين كنت ليلة رأس السنة عام 2000؟
question-favorite_speaker_actor = من خطيبك أو ممثلك المفضل؟
question-favorite_book_movie_character = من شخصيتك المفضلة في كتاب أو فيلم؟
question-favorite_sports_player = من رياضيّك المفضل؟

### Passkeys

use-your-passkey = استخدم مفتاح المرور
passkey-lead = سيطلب متصفحك بصمتك أو وجهك أو رقم PIN أو مفتاح أمان.
continue-with-passkey = المتابعة بمفتاح المرور
create-a-passkey = إنشاء مفتاح مرور
create-passkey-lead = سيسألك متصفحك أين تحفظه.
create-passkey = إنشاء مفتاح المرور
passkey-verified-by-you = ستُطلب بصمتك أو وجهك أو رقم PIN.
cant-use-passkey = لا يمكنك استخدامه؟
cant-use-passkey-text = جرّب جهازًا آخر حفظت عليه مفتاح مرور، أو اختر طريقة أخرى أدناه.
passkey-failed = لم يعمل مفتاح المرور. حاول مرة أخرى أو جرّب طريقة أخرى.
passkey-cancelled = أُلغي الطلب أو انتهت مهلته. حاول مرة أخرى.
passkey-domain = مفاتيح المرور غير معدّة لعنوان الويب هذا. جرّب طريقة أخرى.
passkey-exists = يوجد على هذا الجهاز مفتاح مرور لحسابك بالفعل.
passkey-unsupported = لا يمكن لهذا المتصفح استخدام مفاتيح المرور. جرّب طريقة أخرى.

### Setting up methods

set-up-methods = إعداد طرق الأمان
set-up-methods-lead = تحمي طرق الأمان حسابك وتساعدك على العودة إليه.
required-now = مطلوبة الآن
required-soon = مطلوبة قريبًا
optional-methods = اختيارية
required-by = مطلوبة قبل { $date }
skips-left = { $n ->
    [zero] لا يمكنك تأجيل هذا بعد الآن.
    [one] يمكنك تأجيل هذا مرة واحدة أخرى.
    [two] يمكنك تأجيل هذا مرتين أخريين.
    [few] يمكنك تأجيل هذا { $n } مرات أخرى.
    [many] يمكنك تأجيل هذا { $n } مرة أخرى.
   *[other] يمكنك تأجيل هذا { $n } مرة أخرى.
}
choose-a-password = اختر كلمة مرور
add-your-phone = أضف هاتفك
use-another-number = استخدام رقم هاتف آخر
phone-number = رقم الهاتف
phone-hint = ابدأ برمز البلد، مثل ‎+44 7700 900123‎.
phone-invalid = أدخل رقم هاتف مع رمز البلد، مثل ‎+44 7700 900123‎.
extension = الرقم الداخلي
how-to-get-code = كيف تريد تلقّي الرمز؟
by-text = رسالة نصية
by-call = مكالمة هاتفية
send-code = إرسال الرمز
set-up-app = إعداد تطبيق المصادقة
set-up-app-lead = امسح هذه الصورة بتطبيق المصادقة ثم أدخل الرمز الذي يعرضه.
qr-alt = رمز QR لمسحه بتطبيقك. إن لم تتمكن من مسحه فاستخدم المفتاح المذكور أسفله.
qr-alt-only = رمز QR لمسحه بتطبيقك.
cant-scan = لا يمكنك مسحه؟
enter-key = أدخل هذا المفتاح في تطبيقك:
set-up-okta-verify = إعداد Okta Verify
set-up-okta-verify-lead = ثبّت أولًا Okta Verify على هاتفك من متجر التطبيقات.
set-up-from-other-device = افتح Okta Verify على جهاز تستخدمه عليه بالفعل، وأضف هذا الجهاز منه.
set-up-another-way = إعداد Okta Verify بطريقة أخرى
get-okta-verify = الحصول على Okta Verify
set-up-how = كيف تريد المتابعة على هاتفك؟
by-qr = مسح رمز QR
by-email-link = تلقّي رابط بالبريد الإلكتروني
by-text-link = تلقّي رابط برسالة نصية
scan-with-okta-verify = افتح Okta Verify على هاتفك، وأضف حسابًا، وامسح هذه الصورة.
link-sent-to = أرسلنا رابطًا إلى { $to }. افتحه على هاتفك.
link-sent = أرسلنا إليك رابطًا. افتحه على هاتفك.
send-link = إرسال الرابط
waiting-for-phone = ننتظر هاتفك…
set-it-up = أعددته
set-up-token = إعداد جهاز الرموز
token-username = اسم المستخدم في خدمة الجهاز
ask-support-to-set-up = اطلب من الدعم إعداد هذا لك.
set-up-failed = لم نتمكن من إعداد ذلك. حاول مرة أخرى.
verify-failed = لم ينجح ذلك. حاول مرة أخرى.
okta-verify-update = حدّث Okta Verify، وفعّل فيه المقاييس الحيوية لحسابك، ثم حاول مرة أخرى.
app-turn-on-biometrics = فعّل القياسات الحيوية لحسابك في التطبيق ثم حاول مرة أخرى.
okta-verify-device-unfit = لا يمكن إعداد Okta Verify على هذا الجهاز. استخدم جهازًا آخر أو اتصل بالدعم.
okta-verify-update-only = حدّث Okta Verify ثم حاول مرة أخرى.

### Passwords

reset-password = إعادة تعيين كلمة المرور
choose-a-new-password = اختر كلمة مرور جديدة
new-password = كلمة المرور الجديدة
confirm-password = أدخلها مرة أخرى
save-password = حفظ كلمة المرور
sign-out-elsewhere = تسجيل خروجي من جميع الأجهزة الأخرى
password-needs = تحتاج كلمة مرورك إلى:
requirement-met = مستوفى:
requirement-not-met = غير مستوفى:
requirements-status = استُوفي { $met } من { $total } من المتطلبات
rule-length = { $n ->
    [zero] أي عدد من الأحرف
    [one] حرف واحد على الأقل
    [two] حرفين على الأقل
    [few] { $n } أحرف على الأقل
    [many] { $n } حرفًا على الأقل
   *[other] { $n } حرف على الأقل
}
rule-lower = { $n ->
    [zero] أي عدد من الأحرف الصغيرة
    [one] حرف صغير
    [two] حرفين صغيرين
    [few] { $n } أحرف صغيرة
    [many] { $n } حرفًا صغيرًا
   *[other] { $n } حرف صغير
}
rule-upper = { $n ->
    [zero] أي عدد من الأحرف الكبيرة
    [one] حرف كبير
    [two] حرفين كبيرين
    [few] { $n } أحرف كبيرة
    [many] { $n } حرفًا كبيرًا
   *[other] { $n } حرف كبير
}
rule-number = { $n ->
    [zero] أي عدد من الأرقام
    [one] رقم
    [two] رقمين
    [few] { $n } أرقام
    [many] { $n } رقمًا
   *[other] { $n } رقم
}
rule-symbol = { $n ->
    [zero] أي عدد من الرموز
    [one] رمز خاص
    [two] رمزين خاصين
    [few] { $n } رموز خاصة
    [many] { $n } رمزًا خاصًا
   *[other] { $n } رمز خاص
}
rule-no-username = ألا تحتوي على جزء من اسم المستخدم
rule-no-first-name = ألا تكون اسمك الأول
rule-no-last-name = ألا تكون اسم عائلتك
rule-not-attribute = ألا تكون هذا من ملفك الشخصي: { $field }
rule-repeating = { $n ->
    [zero] ألا يتكرر أي حرف
    [one] ألا يتكرر أي حرف مرتين متتاليتين
    [two] ألا يتكرر أي حرف أكثر من مرتين متتاليتين
    [few] ألا يتكرر أي حرف أكثر من { $n } مرات متتالية
    [many] ألا يتكرر أي حرف أكثر من { $n } مرة متتالية
   *[other] ألا يتكرر أي حرف أكثر من { $n } مرة متتالية
}
rule-classes = ثلاثة من هذه: حرف صغير، حرف كبير، رقم، رمز خاص
rule-history = { $n ->
    [zero] أن تكون جديدة
    [one] أن تختلف عن آخر كلمة مرور لك
    [two] أن تختلف عن آخر كلمتي مرور لك
    [few] أن تختلف عن آخر { $n } كلمات مرور لك
    [many] أن تختلف عن آخر { $n } كلمة مرور لك
   *[other] أن تختلف عن آخر { $n } كلمة مرور لك
}
rule-age-hours = { $n ->
    [zero] أي وقت منذ آخر تغيير
    [one] ساعة واحدة على الأقل منذ آخر تغيير
    [two] ساعتين على الأقل منذ آخر تغيير
    [few] { $n } ساعات على الأقل منذ آخر تغيير
    [many] { $n } ساعة على الأقل منذ آخر تغيير
   *[other] { $n } ساعة على الأقل منذ آخر تغيير
}
password-not-met = كلمة مرورك لا تستوفي جميع المتطلبات.
password-common = كلمة المرور هذه شائعة جدًا. اختر غيرها.
passwords-differ = كلمتا المرور مختلفتان.
password-expired = انتهت صلاحية كلمة مرورك
password-expired-text = اختر كلمة جديدة للمتابعة.
password-expires-in = { $n ->
    [zero] تنتهي صلاحية كلمة مرورك اليوم
    [one] تنتهي صلاحية كلمة مرورك غدًا
    [two] تنتهي صلاحية كلمة مرورك خلال يومين
    [few] تنتهي صلاحية كلمة مرورك خلال { $n } أيام
    [many] تنتهي صلاحية كلمة مرورك خلال { $n } يومًا
   *[other] تنتهي صلاحية كلمة مرورك خلال { $n } يوم
}
password-expires-today = تنتهي صلاحية كلمة مرورك اليوم
password-expires-soon = تنتهي صلاحية كلمة مرورك قريبًا
password-expiring-text = بعد ذلك لن تتمكن من تسجيل الدخول حتى تغيّرها.
password-elsewhere = غيّر كلمة مرورك
password-elsewhere-text = كلمة مرورك محفوظة لدى { $name }. غيّرها هناك ثم سجّل الدخول مرة أخرى.
go-to = الذهاب إلى { $name }
password-not-changed = لم نتمكن من تغيير كلمة المرور. اتصل بالدعم.
password-changed = تم تغيير كلمة المرور
password-changed-text = سجّل الدخول بكلمة مرورك الجديدة.
password-changed-no-sign-in = تم تغيير كلمة مرورك، لكننا لم نتمكن من تسجيل دخولك. سجّل الدخول بالكلمة الجديدة.

### Recovery and unlocking

recover-lead = أدخل اسم المستخدم. إن وجدنا حسابًا فسنرسل التعليمات.
recover-sent = إن وجدنا حسابًا فالتعليمات في طريقها إليك.
recover-confirm = تابع لاختيار كلمة مرور جديدة.
cant-reset-here = لا يمكنك إعادة تعيين كلمة المرور هنا
unlock-lead = أدخل اسم المستخدم واختر كيف تثبت هويتك.
unlocked = أُلغي قفل حسابك
unlocked-text = إن كان الحساب مقفلًا فهو مفتوح الآن. سجّل الدخول كالمعتاد.
cant-unlock = لا يمكننا إلغاء قفل هذا الحساب هنا
contact-support-text = اتصل بالدعم.
activate-confirm = تابع لتفعيل حسابك.
link-expired = انتهت صلاحية هذا الرابط
link-expired-text = تعمل الروابط لمدة محدودة. اطلب رابطًا جديدًا.
send-new-link = إرسال رابط جديد
link-broken = هذا الرابط لا يعمل
link-broken-text = تأكد من أنك فتحت الرابط كاملًا، أو اطلب رابطًا جديدًا.
account-suspended = هذا الحساب موقوف
request-received = وصل الطلب
new-link-sent = إن كانت بياناتك تطابق حسابًا فهناك رابط جديد في طريقه إليك.

### Creating an account

register = إنشاء حساب
register-button = إنشاء الحساب
more-details = بضعة تفاصيل أخرى
more-details-lead = نحتاج إليها لإكمال حسابك.
email-invalid = أدخل عنوان بريد إلكتروني مثل name@example.com.
check-format-of = تحقّق من صيغة { $p0 }.
not-unique-email = لا يمكنك استخدام هذا البريد هنا. إن كان بريدك فسجّل الدخول أو أعد تعيين كلمة المرور.
not-unique = لا يمكنك استخدام ذلك هنا.
registration-failed = لم نتمكن من إنشاء الحساب. حاول لاحقًا.
cant-register = لا يمكنك إنشاء حساب هنا
cant-register-text = اسأل القائمين على هذه الخدمة.
check-email-to-finish = انظر إلى بريدك للإكمال
check-email-to-finish-text = للإكمال، افتح الرابط الذي أرسلناه.
choose-one = اختر

field-firstName = الاسم الأول
field-middleName = الاسم الأوسط
field-lastName = اسم العائلة
field-honorificPrefix = اللقب
field-honorificSuffix = لاحقة الاسم
field-displayName = الاسم المعروض
field-nickName = الكنية
field-email = البريد الإلكتروني
field-secondEmail = بريد إلكتروني ثانٍ
field-login = اسم المستخدم
field-mobilePhone = الهاتف المحمول
field-primaryPhone = الهاتف
field-birthDate = تاريخ الميلاد
field-streetAddress = عنوان الشارع
field-city = المدينة
field-state = الولاية أو المنطقة
field-zipCode = الرمز البريدي
field-postalAddress = العنوان البريدي
field-countryCode = البلد
field-organization = المؤسسة
field-title = المسمى الوظيفي
field-preferredLanguage = اللغة المفضلة
field-locale = الإعدادات المحلية
field-timezone = المنطقة الزمنية
field-profileUrl = عنوان الويب
field-department = القسم
field-division = الشعبة
field-costCenter = مركز التكلفة
field-employeeNumber = رقم الموظف
field-userType = نوع المستخدم

### Consent

app-wants-access = يريد { $app } الوصول
app-will-be-able = إن سمحت بذلك، فسيتمكن { $app } من:
always-shared = تتم مشاركته دائمًا
was-this-you = هل تحاول تسجيل الدخول؟
was-this-you-lead = طلب شخص ما، ربما أنت، تسجيل الدخول كما يلي.
yes-it-is-me = نعم، هذا أنا
no-it-is-not-me = لا، لست أنا
stay-signed-in = البقاء مسجّل الدخول؟
stay-signed-in-lead = اختر نعم فقط على جهاز تملكه.
yes-stay-signed-in = نعم، ابقني مسجّل الدخول
no-stay = لا
connect-device = وصّل جهازك
connect-device-lead = أدخل الرمز الذي يعرضه جهازك.
user-code = رمز الجهاز
fact-browser = المتصفح
fact-place = المكان
fact-device = الجهاز

### Ends of a sign-in

link-no-longer-works = لم يعد هذا الرابط يعمل
link-no-longer-works-text = عُد إلى الصفحة التي بدأت منها واطلب رابطًا جديدًا.
that-worked = نجح ذلك
that-worked-text = عُد إلى الصفحة التي بدأت منها. يمكنك إغلاق هذه الصفحة.
continued-elsewhere = تابعت في علامة تبويب أخرى
continued-elsewhere-text = يمكنك إغلاق هذه العلامة.
your-code = رمز التحقق الخاص بك
your-code-text = أدخل هذا الرمز في الصفحة التي بدأت منها.
your-code-warning = لا تشاركه مع أحد. لا نطلبه أبدًا بالهاتف أو البريد الإلكتروني.
sign-in-stopped = توقف تسجيل الدخول
sign-in-stopped-text = يمكنك البدء من جديد في أي وقت.
session-expired = استغرق تسجيل دخولك وقتًا طويلًا
session-expired-text = أوقفناه حفاظًا على أمانك. لم يتغير شيء.
no-answer-in-time = لم نتلقَّ إجابة في الوقت المناسب
no-answer-in-time-text = حاول مرة أخرى، وأجب أسرع على هاتفك أو في بريدك.
step-already-done = لقد أنهيت هذه الخطوة بالفعل.
no-access-to = ليس لديك حق الوصول إلى { $app }
no-access = ليس لديك حق الوصول إلى هذا التطبيق
no-access-text = اطلب الوصول، أو سجّل الدخول بحساب آخر.
cant-sign-in-here = لا يمكنك تسجيل الدخول هنا
cant-sign-in-here-text = قواعد مؤسستك لا تسمح بذلك. اتصل بالدعم إن رأيت أن ذلك خطأ.
no-accepted-method = ليست لديك طريقة تسجيل دخول يقبلها هذا التطبيق
provider-failed = لم نتمكن من تسجيل دخولك باستخدام { $name }
provider-failed-unnamed = لم نتمكن من تسجيل دخولك بالخدمة الأخرى
provider-failed-text = لم يتغير شيء. حاول مرة أخرى أو جرّب طريقة أخرى.
proven-before = لم يطلب منك { $name } تسجيل الدخول مرة أخرى
proven-before-text = انتهت جميع جلساتك، ولا تكفي جلسة سابقة هناك. سجّل الخروج هناك أو استخدم متصفحًا آخر، ثم سجّل الدخول مرة أخرى.
no-provider-for-address = لا نعرف أين يسجّل الدخول من لديهم هذا العنوان. تحقّق منه أو اختر مما يلي.
not-set-up = تسجيل الدخول غير معدّ بشكل صحيح
not-set-up-text = المشكلة من جانبنا. أعطِ الدعم المرجع أدناه.
cant-continue = لا يمكننا المتابعة هنا
cant-continue-text = يطلب تسجيل الدخول هذا شيئًا لا تعرفه هذه الصفحة.
method-not-usable = لا يمكن استخدام هذه الطريقة هنا
method-not-usable-text = لا يعمل { $name } في هذه الصفحة. جرّب طريقة أخرى.
method-not-usable-unnamed = لا تعمل في هذه الصفحة. جرّب طريقة أخرى.
captcha-not-usable = يطلب تسجيل الدخول هذا لغزًا لا تعرضه هذه الصفحة.
prove-who-you-are = أثبت من أنت
prove-who-you-are-text = سيتحقق { $name } من هويتك. ثم تعود إلى هنا.
smart-card = استخدم بطاقتك الذكية
smart-card-text = أدخل بطاقة PIV أو CAC ثم تابع.
device-connected = تم توصيل جهازك
device-connected-text = يمكنك إغلاق هذه الصفحة والمتابعة على جهازك.
device-not-connected = لم يتم توصيل جهازك
device-not-connected-text = ابدأ من جديد على جهازك.

### Errors of the gateway

didnt-work = لم ينجح ذلك
page-out-of-date = الصفحة التي استخدمتها قديمة. عُد وحاول مرة أخرى.
too-large = ما أرسلته كبير جدًا.
wrong-method = لا يقبل هذا العنوان هذا النوع من الطلبات.
no-permission = لا يمكنك فتح هذه الصفحة
no-permission-text = ليس لدى حسابك إذن.
no-permission-as = أنت مسجّل الدخول باسم { $user }، وليس لدى هذا الحساب إذن.
no-permission-app = طلبت { $app }.
no-permission-groups = الوصول متاح لأعضاء { $groups }.
no-permission-listed = الوصول متاح لحسابات معيّنة فقط، وهذا الحساب ليس منها.
no-permission-email = لم يتم التحقق من عنوان البريد الإلكتروني لحسابك.
no-permission-excluded = الحسابات المماثلة لحسابك مستثناة.
no-permission-network = لا يمكن الوصول إليها إلا من شبكات معيّنة، وشبكتك ليست منها.
no-permission-method = ما حاولت القيام به غير مسموح به هناك.
no-permission-scope = الوصول متاح فقط للبرامج التي لديها رمز وصول.
switch-account = استخدام حساب آخر
please-try-again = يرجى المحاولة مرة أخرى
not-our-form = لم نتمكن من التحقق من أن الطلب جاء من صفحتنا. يجب تفعيل ملفات تعريف الارتباط.
page-not-found = الصفحة غير موجودة
page-not-found-text = تحقّق من العنوان، أو اذهب إلى الصفحة الرئيسية.
unknown-host = عنوان خاطئ
unknown-host-text = هذا الخادم لا يجيب عن { $host }. تحقّق من العنوان.
address-too-long = العنوان الذي أتيت منه أطول من أن يُحفظ. بعد تسجيل الدخول ستصل إلى صفحته من دون ما يلي علامة الاستفهام.
session-needed = يلزم تسجيل الدخول
sign-in-framed = لم تسجّل الدخول، ولا يمكن تسجيل الدخول داخل صفحة أخرى.
sign-in-new-tab = تسجيل الدخول في علامة تبويب جديدة
send-form-again = الإرسال مرة أخرى
form-not-sent = لم يُرسل النموذج
form-not-sent-text = لم تعد مسجّل الدخول، أو عليك تسجيل الدخول مرة أخرى. سجّل الدخول في علامة تبويب جديدة، ثم عُد إلى هذه الصفحة وأرسل النموذج مرة أخرى. لا يضيع شيء ما دامت هذه الصفحة مفتوحة.
form-of-another = يخص هذا النموذج حسابًا آخر.
form-of-another-browser = يخص هذا النموذج متصفحًا آخر.
too-many-attempts = محاولات كثيرة جدًا
too-many-attempts-wait = { $n ->
    [zero] حاول مرة أخرى الآن.
    [one] انتظر ثانية واحدة ثم حاول مرة أخرى.
    [two] انتظر ثانيتين ثم حاول مرة أخرى.
    [few] انتظر { $n } ثوانٍ ثم حاول مرة أخرى.
    [many] انتظر { $n } ثانية ثم حاول مرة أخرى.
   *[other] انتظر { $n } ثانية ثم حاول مرة أخرى.
}
too-many-attempts-text = انتظر دقيقة ثم حاول مرة أخرى.
something-went-wrong = حدث خطأ ما
something-went-wrong-text = المشكلة من جانبنا. حاول مرة أخرى بعد بضع دقائق.
service-silent = الخدمة لا تستجيب
service-silent-text = لم يستجب { $host }. حاول مرة أخرى بعد بضع دقائق.
service-silent-unnamed = لم تستجب. حاول مرة أخرى بعد بضع دقائق.
you-are-signed-in-though = أنت مسجّل الدخول؛ الخدمة وحدها غير متاحة.
maintenance = متوقف للصيانة
maintenance-text = سنعود قريبًا.
sessions-unavailable = لا يمكننا الآن التحقق ممن سجّل الدخول
sessions-unavailable-text = ما زلت مسجّل الدخول. ستعيد هذه الصفحة المحاولة من تلقاء نفسها.
sign-in-unavailable = تسجيل الدخول غير متاح
sign-in-unavailable-text = لا يمكننا الوصول إلى خدمة تسجيل الدخول. حاول مرة أخرى بعد بضع دقائق.
busy-now = لا يمكننا إكمال هذا الآن
busy-now-text = سنحاول مرة أخرى بعد { $time }.
cant-set-up-now = لا يمكنك إعداد الطرق الآن
cant-set-up-now-text = حاول لاحقًا.
turn-on-cookies = فعّل ملفات تعريف الارتباط
turn-on-cookies-text = نحتاج إلى ملف تعريف ارتباط لنتذكر أين وصلت في تسجيل الدخول.

### Handing over, signing out, the account

signing-you-in = جارٍ تسجيل دخولك
signing-you-out = جارٍ تسجيل خروجك
sign-out = تسجيل الخروج
sign-out-everywhere = تسجيل الخروج من جميع الأجهزة
sign-out-question = تسجيل الخروج؟
sign-out-lead = ينهي هذا جلستك هنا.
signed-out = سجّلت الخروج
signed-out-text = أغلق متصفحك إن كان غيرك يستخدم هذا الجهاز.
signed-out-here-only = سجّلت الخروج هنا، لكن ربما ليس من { $name }.
sign-in-again = تسجيل الدخول مرة أخرى
your-account = حسابك
account-username = اسم المستخدم
account-email = البريد الإلكتروني
account-groups = المجموعات
account-left-out = أطول من أن يُرسَل إلى التطبيقات
account-since = وقت تسجيل الدخول
account-until = تنتهي الجلسة في موعد أقصاه
account-methods = تم التأكيد بواسطة
account-settings = تغيير إعدادات حسابك
your-sessions = أماكن تسجيل دخولك
your-sessions-text = أنهِ ما لا تعرفه ثم غيّر كلمة مرورك.
this-session = هذا المتصفح
end-session = إنهاء
end-session-of = إنهاء الجلسة في { $browser }
end-other-sessions = إنهاء كل الجلسات الأخرى
session-last-used = آخر استخدام

amr-pwd = كلمة المرور
amr-mfa = عدة طرق
amr-otp = رمز لمرة واحدة
amr-sms = رسالة نصية
amr-tel = مكالمة هاتفية
amr-swk = مفتاح برمجي
amr-hwk = مفتاح أمان أو جهاز
amr-fpt = بصمة الإصبع
amr-face = الوجه
amr-pin = رقم التعريف الشخصي
amr-pop = حيازة مفتاح
amr-kba = سؤال الأمان
amr-sc = بطاقة ذكية
amr-user = إثبات الحضور
amr-wia = تسجيل الدخول إلى Windows
amr-geo = الموقع
amr-rba = فحص المخاطر

### Dates, as "21 November 2026, 05:42 UTC"

date-and-time = { $day } { $month } { $year }، { $time } UTC
date-only = { $day } { $month } { $year }
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
