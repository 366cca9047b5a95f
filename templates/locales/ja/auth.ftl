### The frame of every page

skip-to-content = 本文へ移動
problem-of = { $field }：{ $text }
error-prefix = エラー
problem-title = 問題があります
heading-and-sentence = { $heading }。{ $sentence }
signing-in-as = サインインするユーザー
signed-in-as = { $user } としてサインインしています。
not-you = 別の方ですか?
or = または
optional = 任意
all-required = 「任意」と記された項目以外はすべて入力が必要です。
language-name = 日本語
language = 言語
change-language = 変更
help = ヘルプ
privacy = プライバシー
terms = 利用規約
contact-support = サポートに問い合わせる
reference = 参照番号: { $id }
needs-javascript = この手順には JavaScript が必要です。有効にするか、別の方法を選んでください。

### Buttons and links

sign-in = サインイン
next = 次へ
continue = 続ける
verify = 確認
save = 保存
skip = スキップ
not-now = 今はしない
remind-me-later = 後で通知する
cancel = キャンセル
allow = 許可
do-not-allow = 許可しない
home = ホームページへ
start-again = 最初からやり直す
try-again = もう一度試す
try-another-way = 別の方法を試す
back-to-sign-in = サインインに戻る
forgot-password = パスワードをお忘れですか?
unlock-account = アカウントのロックを解除
create-account = アカウントを作成
have-an-account = アカウントをお持ちですか? サインイン
sign-in-with-username = ユーザー名でサインイン
use-hosted-page = 標準のサインインページを使う
use-plain-pages = シンプルなサインインページを使う
request-access = アクセスを申請
sign-in-as-someone-else = 別のアカウントでサインイン
continue-with = { $name } で続ける
sign-in-with-passkey = パスキーでサインイン

### What is announced while a reply is awaited

busy = お待ちください…
signing-in = サインインしています…
checking = 確認しています…
sending = 送信しています…
saving = 保存しています…

### Signing in

to-continue-to = { $app } へ進みます
username = ユーザー名
email = メールアドレス
password = パスワード
keep-me-signed-in = サインインしたままにする
enter-username = ユーザー名を入力してください
enter-password = パスワードを入力してください
enter-this = この項目を入力してください
fill-in = 入力してください: { $field }
bad-credentials = ユーザー名またはパスワードが正しくありません。
wrong-password = パスワードが正しくありません。確認して、もう一度お試しください。
account-locked = アカウントがロックされています
account-locked-text = 後でもう一度試すか、ロックを解除するか、サポートにお問い合わせください。

### Showing what is typed

show = 表示
hide = 非表示
show-password = パスワードを表示
hide-password = パスワードを非表示
password-shown = パスワードが表示されています
password-hidden = パスワードは隠されています
show-code = コードを表示
hide-code = コードを非表示
code-shown = コードが表示されています
code-hidden = コードは隠されています
show-answer = 回答を表示
hide-answer = 回答を非表示
answer-shown = 回答が表示されています
answer-hidden = 回答は隠されています
show-other = 入力内容を表示
hide-other = 入力内容を非表示
other-shown = 入力内容が表示されています
other-hidden = 入力内容は隠されています
caps-lock = Caps Lock がオンです
copy = コピー
copied = コピーしました

### Choosing a method

verify-it-is-you = ご本人の確認
choose-how-to-verify = ご本人であることを確認する方法を選んでください。
method-password = パスワード
method-email = メール
method-phone = 電話
method-sms = テキストメッセージ
method-voice = 音声通話
method-okta-verify-code = Okta Verify: コードを入力
method-okta-verify-push = Okta Verify: プッシュ通知を受け取る
method-okta-verify = Okta Verify
method-passkey = パスキーまたはセキュリティキー
method-question = 秘密の質問
method-access-code = 一時アクセスコード

about-password = あなただけが知っているもの
about-email = メールで届くリンクまたはコード
about-phone = テキストメッセージまたは音声通話で届くコード
about-app-code = スマートフォンのアプリが表示するコード
about-okta-verify = Okta Verify のコードと通知
about-passkey = 指紋、顔、PIN、またはセキュリティキー
about-question = 自分で選ぶ質問への回答
about-token = 持ち歩くトークンが表示するコード

### Phone

verify-with-phone = 電話で確認
can-send-code-to = { $to } にコードを送信できます。
can-send-code = お使いの電話にコードを送信できます。
send-text = テキストメッセージを送信
call-me = 代わりに電話を受ける
call = 電話を受ける
carrier-charges = 通信料がかかる場合があります。

### Codes

check-your-phone = 電話をご確認ください
answer-the-call = 電話に出てください
enter-code-from = { $app } のコードを入力
enter-passcode = パスコードを入力
enter-access-code = 一時アクセスコードを入力
code-sent-sms = { $to } にテキストメッセージでコードを送信しました。
code-sent-sms-unknown = お使いの電話にテキストメッセージでコードを送信しました。
code-sent-voice = コードをお伝えするため { $to } に電話をかけています。
code-sent-voice-unknown = コードをお伝えするため、お使いの電話にかけています。
open-app-for-code = { $app } を開き、表示されたコードを入力してください。
passcode-from-token = トークンに表示されているコードを入力してください。
press-your-key = 入力欄にカーソルを置き、キーに触れてください。
access-code-from-support = サポート担当者から受け取ったコードを入力してください。
code = コード
passcode = パスコード
next-passcode = 次のパスコード
credential-id = 資格情報 ID
send-new-code = 新しいコードを送信
get-code-another-way = コードを別の方法で受け取る
enter-code = コードを入力してください
code-wrong = コードが正しくありません。確認して、もう一度お試しください。
code-used = このコードはすでに使用されています。次のコードをお待ちください。
code-next = トークンの数字が変わるのを待ち、新しい数字を入力してください。
just-sent = 送信したばかりです。{ $n } 秒お待ちください。
just-sent-one = 送信したばかりです。30 秒お待ちください。
new-code-sent = 新しいコードを送信しました。
set-up-link-sent = 新しいリンクを送信しました。
method-blocked = 試行回数が多すぎるため、この方法は使えません。別の方法をお試しください。
too-many-texts = テキストメッセージの送信回数が多すぎます。後でもう一度試すか、別の方法をお試しください。
too-many-calls = 電話の回数が多すぎます。後でもう一度試すか、別の方法をお試しください。

### Email

get-an-email = メールを受け取る
can-email = { $to } にメールを送信できます。
can-email-unknown = あなたのアドレスにメールを送信できます。
send-email = メールを送信する
check-your-email = メールをご確認ください
email-sent-link-or-code = { $to } にメールを送信しました。メールのリンクを開くか、メールにあるコードをここに入力してください。
email-sent-link-or-code-unknown = メールを送信しました。メールのリンクを開くか、メールにあるコードをここに入力してください。
email-sent-code = { $to } にメールを送信しました。メールにあるコードをここに入力してください。
email-sent-code-unknown = メールを送信しました。メールにあるコードをここに入力してください。
email-sent-to-both = { $to } と { $other } にメールを送信しました。メールのリンクを開くか、メールにあるコードをここに入力してください。
send-again = もう一度メールを送信
waiting-for-link = リンクが開かれるのを待っています…
opened-the-link = リンクを開きました
stopped-checking = 確認を停止しました。下のボタンでもう一度確認できます。

### Push

get-a-push = プッシュ通知を受け取る
send-push = プッシュ通知を送信
send-automatically = 次回から自動で送信する
approve-on-phone = 電話で { $app } を開き、要求を承認してください。表示される場所は、あなたではなく当社の場所のことがあります。
tap-number = 電話で { $app } を開き、この数字をタップしてください:
the-number-is = 数字は
waiting-for-approval = 要求の承認を待っています…
approved-it = 承認しました
send-another-push = もう一度通知を送信
push-rejected = 電話で要求が拒否されました。
push-rejected-not-you = 電話で要求が拒否されました。心当たりがない場合は、サポートにお問い合わせください。
device-not-checked = このデバイスを確認できませんでした。別の方法をお試しください。

### Security question

answer-question = 秘密の質問に回答
answer = 回答
question = 質問
choose-question = 秘密の質問を選択
own-question = 自分で質問を書く
your-question = 自分で書く質問
answer-wrong = 回答が正しくありません。
answer-too-short = { $p0 } 文字以上にしてください。
answer-no-tags = < と > は使えません。
enter-answer = 回答を入力してください
enter-question = 質問を選ぶか書いてください

question-disliked_food = 子どものころ一番嫌いだった食べ物は?
question-name_of_first_plush_toy = 最初のぬいぐるみの名前は?
question-first_award = 最初のメダルや賞は何でもらいましたか?
question-favorite_security_question = 好きな秘密の質問は?
question-favorite_toy = 子どものころ一番好きだったおもちゃやぬいぐるみは?
question-first_computer_game = 最初に遊んだコンピューターゲームは?
question-favorite_movie_quote = 好きな映画のせりふは?
question-first_sports_team_mascot = 最初に入ったスポーツチームのマスコットは?
question-first_music_purchase = 最初に買ったアルバムや曲は?
question-favorite_art_piece = 好きな美術作品は?
question-grandmother_favorite_desert = 祖母の好きだったデザートは?
question-first_thing_cooked = 最初に覚えた料理は?
question-childhood_dream_job = 子どものころの夢の職業は?
question-first_kiss_location = ファーストキスの場所は?
question-place_where_significant_other_was_met = パートナーと出会った場所は?
question-favorite_vacation_location = 一番楽しかった休暇の場所は?
question-new_years_two_thousand = 2000 年の大みそかはどこにいましたか?
question-favorite_speaker_actor = 好きな講演者や俳優は?
question-favorite_book_movie_character = 本や映画の好きな登場人物は?
question-favorite_sports_player = 好きなスポーツ選手は?

### Passkeys

use-your-passkey = パスキーを使用
passkey-lead = ブラウザーが指紋、顔、PIN、またはセキュリティキーを求めます。
continue-with-passkey = パスキーで続ける
create-a-passkey = パスキーを作成
create-passkey-lead = ブラウザーが保存先をたずねます。
create-passkey = パスキーを作成する
passkey-verified-by-you = 指紋、顔、または PIN が求められます。
cant-use-passkey = 使えませんか?
cant-use-passkey-text = パスキーを保存した別のデバイスを試すか、下から別の方法を選んでください。
passkey-failed = パスキーが使えませんでした。もう一度試すか、別の方法をお試しください。
passkey-cancelled = 要求がキャンセルされたか、時間切れになりました。もう一度お試しください。
passkey-domain = このアドレスではパスキーが設定されていません。別の方法をお試しください。
passkey-exists = このデバイスには、あなたのアカウントのパスキーがすでにあります。
passkey-unsupported = このブラウザーではパスキーを使えません。別の方法をお試しください。

### Setting up methods

set-up-methods = セキュリティ方法の設定
set-up-methods-lead = セキュリティ方法はアカウントを守り、再び入れるようにします。
required-now = 今すぐ必要
required-soon = まもなく必要
optional-methods = 任意
required-by = { $date } までに必要
skips-left = あと { $n } 回、後回しにできます。
choose-a-password = パスワードを選択
add-your-phone = 電話を追加
use-another-number = 別の電話番号を使う
phone-number = 電話番号
phone-hint = 国番号から始めてください。例: +44 7700 900123
phone-invalid = 国番号を付けて電話番号を入力してください。例: +44 7700 900123
extension = 内線番号
how-to-get-code = コードをどのように受け取りますか?
by-text = テキストメッセージ
by-call = 音声通話
send-code = コードを送信
set-up-app = 認証アプリの設定
set-up-app-lead = 認証アプリでこの画像を読み取り、表示されたコードを入力してください。
qr-alt = アプリで読み取る QR コード。読み取れない場合は、その下のキーをお使いください。
qr-alt-only = アプリで読み取る QR コード。
cant-scan = 読み取れませんか?
enter-key = このキーをアプリに入力してください:
set-up-okta-verify = Okta Verify の設定
set-up-okta-verify-lead = まず、電話のアプリストアから Okta Verify をインストールしてください。
set-up-from-other-device = すでに Okta Verify を使っているデバイスで開き、そこからこのデバイスを追加してください。
set-up-another-way = Okta Verify を別の方法で設定
get-okta-verify = Okta Verify を入手
set-up-how = 電話でどのように続けますか?
by-qr = QR コードを読み取る
by-email-link = メールでリンクを受け取る
by-text-link = テキストメッセージでリンクを受け取る
scan-with-okta-verify = 電話で Okta Verify を開き、アカウントを追加して、この画像を読み取ってください。
link-sent-to = { $to } にリンクを送信しました。電話で開いてください。
link-sent = リンクを送信しました。電話で開いてください。
send-link = リンクを送信
waiting-for-phone = 電話を待っています…
set-it-up = 設定しました
set-up-token = トークンの設定
token-username = トークンのサービスでのユーザー名
ask-support-to-set-up = 設定はサポートにご依頼ください。
set-up-failed = 設定できませんでした。もう一度お試しください。
verify-failed = うまくいきませんでした。もう一度お試しください。
okta-verify-update = Okta Verify を更新し、アカウントの生体認証を有効にしてから、もう一度お試しください。
app-turn-on-biometrics = アプリでアカウントの生体認証を有効にして、もう一度お試しください。
okta-verify-device-unfit = このデバイスでは Okta Verify を設定できません。別のデバイスを使うか、サポートにお問い合わせください。
okta-verify-update-only = Okta Verify を更新して、もう一度お試しください。

### Passwords

reset-password = パスワードの再設定
choose-a-new-password = 新しいパスワードを選択
new-password = 新しいパスワード
confirm-password = もう一度入力
save-password = パスワードを保存
sign-out-elsewhere = ほかのすべてのデバイスからサインアウトする
password-needs = パスワードの条件:
requirement-met = 満たしています:
requirement-not-met = 満たしていません:
requirements-status = { $total } 件の条件のうち { $met } 件を満たしています
rule-length = { $n } 文字以上
rule-lower = 小文字を { $n } 文字以上
rule-upper = 大文字を { $n } 文字以上
rule-number = 数字を { $n } 文字以上
rule-symbol = 記号を { $n } 文字以上
rule-no-username = ユーザー名の一部を含まない
rule-no-first-name = 名を含まない
rule-no-last-name = 姓を含まない
rule-not-attribute = { $field } を含まない
rule-repeating = 同じ文字を続けて { $n } 回を超えて使わない
rule-classes = 次のうち 3 種類: 小文字、大文字、数字、記号
rule-history = 最近の { $n } 個のパスワードと異なる
rule-age-hours = 前回の変更から { $n } 時間以上
password-not-met = パスワードがすべての条件を満たしていません。
password-common = このパスワードはよく使われています。別のものを選んでください。
passwords-differ = 2 つのパスワードが異なります。
password-expired = パスワードの有効期限が切れました
password-expired-text = 続けるには、新しいパスワードを選んでください。
password-expires-in = パスワードの有効期限はあと { $n } 日です
password-expires-today = パスワードの有効期限は今日です
password-expires-soon = パスワードの有効期限が近づいています
password-expiring-text = 期限を過ぎると、変更するまでサインインできません。
password-elsewhere = パスワードを変更してください
password-elsewhere-text = パスワードは { $name } が管理しています。そちらで変更してから、もう一度サインインしてください。
go-to = { $name } へ
password-not-changed = パスワードを変更できませんでした。サポートにお問い合わせください。
password-changed = パスワードを変更しました
password-changed-text = 新しいパスワードでサインインしてください。
password-changed-no-sign-in = パスワードは変更されましたが、サインインできませんでした。新しいパスワードでサインインしてください。

### Recovery and unlocking

recover-lead = ユーザー名を入力してください。アカウントが見つかれば、手順をお送りします。
recover-sent = アカウントが見つかれば、手順が届きます。
recover-confirm = 続けて、新しいパスワードを選んでください。
cant-reset-here = ここではパスワードを再設定できません
unlock-lead = ユーザー名を入力し、ご本人であることを確認する方法を選んでください。
unlocked = アカウントのロックを解除しました
unlocked-text = アカウントがロックされていた場合は、解除されました。いつもどおりサインインしてください。
cant-unlock = ここではこのアカウントのロックを解除できません
contact-support-text = サポートにお問い合わせください。
activate-confirm = 続けて、アカウントを有効にしてください。
link-expired = このリンクは期限切れです
link-expired-text = リンクには期限があります。新しいリンクを請求してください。
send-new-link = 新しいリンクを送信
link-broken = このリンクは使えません
link-broken-text = リンク全体を開いたか確認するか、新しいリンクを請求してください。
account-suspended = このアカウントは停止されています
request-received = 要求を受け付けました
new-link-sent = 情報がアカウントと一致すれば、新しいリンクが届きます。

### Creating an account

register = アカウントの作成
register-button = アカウントを作成する
more-details = 追加の情報
more-details-lead = アカウントの作成を終えるために必要です。
email-invalid = name@example.com のようなメールアドレスを入力してください。
check-format-of = { $p0 } の形式を確認してください。
not-unique-email = そのメールアドレスはここでは使えません。ご自分のものであれば、サインインするか、パスワードを再設定してください。
not-unique = それはここでは使えません。
registration-failed = アカウントを作成できませんでした。後でもう一度お試しください。
cant-register = ここではアカウントを作成できません
cant-register-text = このサービスの運営者にお問い合わせください。
check-email-to-finish = メールを確認して完了してください
check-email-to-finish-text = 完了するには、お送りしたリンクを開いてください。
choose-one = 選択してください

field-firstName = 名
field-middleName = ミドルネーム
field-lastName = 姓
field-honorificPrefix = 敬称
field-honorificSuffix = 敬称 (後)
field-displayName = 表示名
field-nickName = ニックネーム
field-email = メールアドレス
field-secondEmail = 2 つ目のメールアドレス
field-login = ユーザー名
field-mobilePhone = 携帯電話
field-primaryPhone = 電話
field-birthDate = 生年月日
field-streetAddress = 番地
field-city = 市区町村
field-state = 都道府県または地域
field-zipCode = 郵便番号
field-postalAddress = 住所
field-countryCode = 国
field-organization = 組織
field-title = 役職
field-preferredLanguage = 希望する言語
field-locale = ロケール
field-timezone = タイムゾーン
field-profileUrl = ウェブアドレス
field-department = 部署
field-division = 部門
field-costCenter = コストセンター
field-employeeNumber = 社員番号
field-userType = ユーザーの種類

### Consent

app-wants-access = { $app } がアクセスを求めています
app-will-be-able = 許可すると、{ $app } は次のことができます:
always-shared = 常に共有
was-this-you = サインインしようとしていますか?
was-this-you-lead = どなたか (おそらくあなた) が次のようにサインインを求めました。
yes-it-is-me = はい、私です
no-it-is-not-me = いいえ、私ではありません
stay-signed-in = サインインしたままにしますか?
stay-signed-in-lead = ご自分のデバイスでのみ「はい」を選んでください。
yes-stay-signed-in = はい、サインインしたままにする
no-stay = いいえ
connect-device = デバイスを接続
connect-device-lead = デバイスに表示されているコードを入力してください。
user-code = デバイスコード
fact-browser = ブラウザー
fact-place = 場所
fact-device = デバイス

### Ends of a sign-in

link-no-longer-works = このリンクはもう使えません
link-no-longer-works-text = 開始したページに戻り、新しいリンクを請求してください。
that-worked = 完了しました
that-worked-text = 開始したページに戻ってください。このページは閉じてかまいません。
continued-elsewhere = 別のタブで続行されました
continued-elsewhere-text = このタブは閉じてかまいません。
your-code = 確認コード
your-code-text = このコードを、開始したページに入力してください。
your-code-warning = 誰にも教えないでください。電話やメールでおたずねすることはありません。
sign-in-stopped = サインインを中止しました
sign-in-stopped-text = いつでもやり直せます。
session-expired = サインインに時間がかかりすぎました
session-expired-text = 安全のため中止しました。何も変更されていません。
no-answer-in-time = 時間内に応答がありませんでした
no-answer-in-time-text = もう一度試し、電話またはメールで早めに応答してください。
step-already-done = その手順はすでに完了しています。
no-access-to = { $app } へのアクセス権がありません
no-access = このアプリへのアクセス権がありません
no-access-text = アクセスを申請するか、別のアカウントでサインインしてください。
cant-sign-in-here = ここではサインインできません
cant-sign-in-here-text = 組織の規則で許可されていません。誤りと思われる場合は、サポートにお問い合わせください。
no-accepted-method = このアプリが受け付けるサインイン方法がありません
provider-failed = { $name } でサインインできませんでした
provider-failed-unnamed = 別のサービスでサインインできませんでした
provider-failed-text = 何も変更されていません。もう一度試すか、別の方法をお試しください。
proven-before = { $name } はサインインのやり直しを求めませんでした
proven-before-text = すべてのセッションが終了しており、そのサービスでの以前のサインインでは不十分です。そのサービスからサインアウトするか別のブラウザーを使って、もう一度サインインしてください。
no-provider-for-address = このメールアドレスのサインイン先がわかりません。アドレスを確認するか、下から選んでください。
not-set-up = サインインが正しく設定されていません
not-set-up-text = 原因は当方にあります。下の参照番号をサポートにお伝えください。
cant-continue = ここでは続けられません
cant-continue-text = このサインインは、このページが対応していないものを求めています。
method-not-usable = この方法はここでは使えません
method-not-usable-text = { $name } はこのページでは使えません。別の方法をお試しください。
method-not-usable-unnamed = このページでは使えません。別の方法をお試しください。
captcha-not-usable = このサインインは、このページが表示しないパズルを求めています。
prove-who-you-are = ご本人であることの証明
prove-who-you-are-text = { $name } がご本人であることを確認します。その後ここに戻ります。
smart-card = スマートカードを使用
smart-card-text = PIV カードまたは CAC カードを挿入して続けてください。
device-connected = デバイスが接続されました
device-connected-text = このページを閉じて、デバイスで続けてください。
device-not-connected = デバイスは接続されていません
device-not-connected-text = デバイスでもう一度やり直してください。

### Errors of the gateway

didnt-work = うまくいきませんでした
page-out-of-date = お使いのページは古くなっています。戻って、もう一度お試しください。
too-large = 送信された内容が大きすぎます。
wrong-method = このアドレスはその種類の要求を受け付けません。
no-permission = このページは開けません
no-permission-text = お使いのアカウントには権限がありません。
no-permission-as = { $user } としてサインインしていますが、このアカウントには権限がありません。
no-permission-app = { $app } を開こうとしました。
no-permission-groups = { $groups } のメンバーが利用できます。
no-permission-listed = 利用できるのは一部のアカウントだけで、このアカウントは含まれていません。
no-permission-email = お使いのアカウントのメールアドレスは確認されていません。
no-permission-excluded = お使いのようなアカウントは対象外です。
no-permission-network = 特定のネットワークからのみ利用でき、お使いのネットワークは含まれていません。
no-permission-method = 行おうとした操作はそこでは許可されていません。
no-permission-scope = アクセストークンを持つプログラムだけが利用できます。
switch-account = 別のアカウントを使う
please-try-again = もう一度お試しください
not-our-form = 要求が当方のページから来たことを確認できませんでした。Cookie を有効にする必要があります。
page-not-found = ページが見つかりません
page-not-found-text = アドレスを確認するか、ホームページへ移動してください。
unknown-host = アドレスが違います
unknown-host-text = このサーバーは { $host } を扱っていません。アドレスを確認してください。
address-too-long = 元のアドレスが長すぎるため、サインイン後は疑問符より後ろを除いたページに移動します。
session-needed = サインインが必要です
sign-in-framed = サインインしていません。ほかのページの中ではサインインできません。
sign-in-new-tab = 新しいタブでサインイン
send-form-again = もう一度送信
form-not-sent = フォームは送信されていません
form-not-sent-text = サインインが終了しているか、もう一度サインインする必要があります。新しいタブでサインインし、このページに戻ってフォームをもう一度送信してください。このページを開いている間、入力内容は失われません。
form-of-another = このフォームは別のアカウントのものです。
form-of-another-browser = このフォームは別のブラウザーのものです。
too-many-attempts = 試行回数が多すぎます
too-many-attempts-wait = { $n } 秒待ってから、もう一度お試しください。
too-many-attempts-text = 1 分待ってから、もう一度お試しください。
something-went-wrong = 問題が発生しました
something-went-wrong-text = 原因は当方にあります。数分後にもう一度お試しください。
service-silent = サービスが応答していません
service-silent-text = { $host } が応答しませんでした。数分後にもう一度お試しください。
service-silent-unnamed = 応答がありませんでした。数分後にもう一度お試しください。
you-are-signed-in-though = サインインは済んでいます。サービスだけが応答していません。
maintenance = メンテナンス中です
maintenance-text = まもなく再開します。
sessions-unavailable = 現在、サインインの状態を確認できません
sessions-unavailable-text = サインインしたままです。このページは自動的に再試行します。
sign-in-unavailable = サインインを利用できません
sign-in-unavailable-text = サインインサービスに接続できません。数分後にもう一度お試しください。
busy-now = 現在、完了できません
busy-now-text = { $time } 後にもう一度試します。
cant-set-up-now = 現在、方法を設定できません
cant-set-up-now-text = 後でもう一度お試しください。
turn-on-cookies = Cookie を有効にしてください
turn-on-cookies-text = サインインの進み具合を覚えておくために Cookie が必要です。

### Handing over, signing out, the account

signing-you-in = サインインしています
signing-you-out = サインアウトしています
sign-out = サインアウト
sign-out-everywhere = すべてのデバイスからサインアウト
sign-out-question = サインアウトしますか?
sign-out-lead = ここでのセッションが終了します。
signed-out = サインアウトしました
signed-out-text = 共有のデバイスをお使いの場合は、ブラウザーを閉じてください。
signed-out-here-only = ここからはサインアウトしましたが、{ $name } からはサインアウトしていない可能性があります。
sign-in-again = もう一度サインイン
your-account = アカウント
account-username = ユーザー名
account-email = メールアドレス
account-groups = グループ
account-left-out = 長すぎてアプリに渡せない項目
account-since = サインイン日時
account-until = セッション終了(最長)
account-methods = 確認方法
account-settings = アカウント設定を変更
your-sessions = サインインしている場所
your-sessions-text = 心当たりのないものを終了し、パスワードを変更してください。
this-session = このブラウザー
end-session = 終了
end-session-of = { $browser } のセッションを終了
end-other-sessions = 他のすべてのセッションを終了
session-last-used = 最終使用

amr-pwd = パスワード
amr-mfa = 複数の方法
amr-otp = ワンタイムコード
amr-sms = テキストメッセージ
amr-tel = 電話
amr-swk = ソフトウェアキー
amr-hwk = セキュリティキーまたはデバイス
amr-fpt = 指紋
amr-face = 顔
amr-pin = PIN
amr-pop = 鍵の所持
amr-kba = 秘密の質問
amr-sc = スマートカード
amr-user = 本人の操作
amr-wia = Windows サインイン
amr-geo = 位置情報
amr-rba = リスクの確認

### Dates, as "21 November 2026, 05:42 UTC"

date-and-time = { $year }年{ $month }{ $day }日 { $time } UTC
date-only = { $year }年{ $month }{ $day }日
month-1 = 1月
month-2 = 2月
month-3 = 3月
month-4 = 4月
month-5 = 5月
month-6 = 6月
month-7 = 7月
month-8 = 8月
month-9 = 9月
month-10 = 10月
month-11 = 11月
month-12 = 12月
