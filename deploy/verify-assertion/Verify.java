// Checks the gateway's signed assertion, as an application behind it should; AssertionFilter.java does so for every request
// of a servlet container. Needs Java 11, and no package; with a JSON library the two patterns below go.
//
//     java Verify.java TOKEN KEYS_URL ISSUER AUDIENCE
//
// TOKEN is the value of X-Gateway-Assertion, KEYS_URL the gateway's /.gateway/jwks.json, ISSUER its public address and
// AUDIENCE that of the route. Prints who it is; an assertion that is not valid ends with an error.

import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Verify {
    private static final long SKEW = 30; // seconds

    private static String kept = "";
    private static Instant keptSince = Instant.EPOCH;

    public static void main(String[] arguments) throws Exception {
        System.out.println(text(verify(arguments[0], arguments[1], arguments[2], arguments[3]), "sub"));
    }

    /** The claims. */
    static String verify(String token, String keysUrl, String issuer, String audience) throws Exception {
        String[] parts = token.split("\\.");
        require(parts.length == 3, "not a token");
        String header = decode(parts[0]);
        require("ES256".equals(text(header, "alg")), "another algorithm");
        require("gateway-assertion+jwt".equals(text(header, "typ")), "a token of another kind");
        String kid = text(header, "kid");
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(key(keys(keysUrl, kid), kid));
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        require(signature.verify(Base64.getUrlDecoder().decode(parts[2])), "a wrong signature");
        String claims = decode(parts[1]);
        long now = Instant.now().getEpochSecond();
        require(issuer.equals(text(claims, "iss")) && audience.equals(text(claims, "aud")), "another issuer or audience");
        require(number(claims, "exp") > now - SKEW && number(claims, "iat") < now + SKEW, "not at this time");
        return claims;
    }

    /** The keys, kept for five minutes; for a `kid` that is not among them they are fetched again, every ten seconds at most. */
    private static synchronized String keys(String url, String kid) throws Exception {
        Duration age = Duration.between(keptSince, Instant.now());
        if (age.toSeconds() > 300 || age.toSeconds() > 10 && !kept.contains("\"" + kid + "\"")) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build();
            kept = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
            keptSince = Instant.now();
        }
        return kept;
    }

    private static PublicKey key(String keys, String kid) throws Exception {
        for (String key : keys.split("\\}")) {
            if (key.contains("\"" + kid + "\"")) {
                AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
                parameters.init(new ECGenParameterSpec("secp256r1"));
                ECPoint point = new ECPoint(coordinate(key, "x"), coordinate(key, "y"));
                ECParameterSpec curve = parameters.getParameterSpec(ECParameterSpec.class);
                return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, curve));
            }
        }
        throw new SecurityException("an unknown key");
    }

    private static BigInteger coordinate(String key, String name) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(text(key, name)));
    }

    private static String decode(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    static String text(String json, String name) {
        var found = Pattern.compile("\"" + name + "\":\"((?:[^\"\\\\]|\\\\.)*)\"").matcher(json);
        require(found.find(), name + " is missing");
        return unescaped(found.group(1));
    }

    /** A text of JSON without its escapes (RFC 8259, 7). */
    private static String unescaped(String text) {
        return Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))").matcher(text).replaceAll(escape -> {
            String hex = escape.group(1);
            String letter = hex == null ? escape.group(2) : String.valueOf((char) Integer.parseInt(hex, 16));
            int control = hex == null ? "bfnrt".indexOf(letter) : -1;
            return Matcher.quoteReplacement(control < 0 ? letter : "\b\f\n\r\t".substring(control, control + 1));
        });
    }

    private static long number(String json, String name) {
        var found = Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
        require(found.find(), name + " is missing");
        return Long.parseLong(found.group(1));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new SecurityException(otherwise);
        }
    }
}
