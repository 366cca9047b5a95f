<?php
// Checks the gateway's signed assertion, as an application behind it should. Needs PHP 8 with openssl, and no package.
//
//     php verify.php TOKEN KEYS_URL ISSUER AUDIENCE
//
// TOKEN is the value of X-Gateway-Assertion ($_SERVER['HTTP_X_GATEWAY_ASSERTION']), KEYS_URL the gateway's
// /.gateway/jwks.json, ISSUER its public address and AUDIENCE that of the route. Prints who it is; an assertion
// that is not valid ends with an error.

declare(strict_types=1);

const SKEW = 30; // seconds

function decode(string $text): string
{
    $bytes = base64_decode(strtr($text, '-_', '+/'), true);
    return $bytes === false ? throw new RuntimeException('not base64url') : $bytes;
}

// A P-256 point as a public key in PEM; the bytes before it are always the same (RFC 5480).
function pem(array $jwk): string
{
    $der = hex2bin('3059301306072a8648ce3d020106082a8648ce3d030107034200') . "\x04" . decode($jwk['x']) . decode($jwk['y']);
    return "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($der), 64, "\n") . "-----END PUBLIC KEY-----\n";
}

// r and s, 32 bytes each, in the form of openssl: two ASN.1 integers.
function asn1(string $signature): string
{
    strlen($signature) === 64 || throw new RuntimeException('a wrong signature');
    $integer = function (string $bytes): string {
        $bytes = ltrim($bytes, "\x00");
        $bytes = ($bytes === '' || ord($bytes[0]) > 127) ? "\x00" . $bytes : $bytes;
        return "\x02" . chr(strlen($bytes)) . $bytes;
    };
    $both = $integer(substr($signature, 0, 32)) . $integer(substr($signature, 32));
    return "\x30" . chr(strlen($both)) . $both;
}

// An application keeps the keys for five minutes, and fetches them again for a `kid` that it does not know.
function verify(string $token, string $keysUrl, string $issuer, string $audience): array
{
    $parts = explode('.', $token);
    count($parts) === 3 || throw new RuntimeException('not a token');
    [$header, $payload, $signature] = $parts;
    $head = json_decode(decode($header), true);
    if ($head['alg'] !== 'ES256' || $head['typ'] !== 'gateway-assertion+jwt') {
        throw new RuntimeException('a token of another kind');
    }
    $keys = array_column(json_decode(file_get_contents($keysUrl), true)['keys'], null, 'kid');
    $jwk = $keys[$head['kid']] ?? throw new RuntimeException('an unknown key');
    if (openssl_verify("$header.$payload", asn1(decode($signature)), pem($jwk), OPENSSL_ALGO_SHA256) !== 1) {
        throw new RuntimeException('a wrong signature');
    }
    $claims = json_decode(decode($payload), true);
    if ($claims['iss'] !== $issuer || $claims['aud'] !== $audience) {
        throw new RuntimeException('another issuer or audience');
    }
    if ($claims['exp'] <= time() - SKEW || $claims['iat'] >= time() + SKEW) {
        throw new RuntimeException('not at this time');
    }
    return $claims;
}

if (realpath($argv[0] ?? '') === __FILE__) {
    echo verify(...array_slice($argv, 1))['sub'], "\n";
}
