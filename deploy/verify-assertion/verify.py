"""Checks the gateway's signed assertion, as an application behind it should. Needs PyJWT with `cryptography`.

    verify.py TOKEN KEYS_URL ISSUER AUDIENCE

`TOKEN` is the value of X-Gateway-Assertion, `KEYS_URL` the gateway's /.gateway/jwks.json, `ISSUER` its public address
and `AUDIENCE` that of the route. Prints who it is; an assertion that is not valid ends with an error.
"""

import sys

import jwt


def verify(token, keys_url, issuer, audience):
    # The client keeps the keys and asks again for one that it does not know.
    key = jwt.PyJWKClient(keys_url, lifespan=300).get_signing_key_from_jwt(token)
    if jwt.get_unverified_header(token).get("typ") != "gateway-assertion+jwt":
        raise ValueError("a token of another kind")
    required = ["iss", "aud", "sub", "iat", "exp"]
    return jwt.decode(
        token, key, algorithms=["ES256"], issuer=issuer, audience=audience, options={"require": required}, leeway=30
    )


if __name__ == "__main__":
    print(verify(*sys.argv[1:])["sub"])
