#include "base/secrets.h"

#include "fuzz.h"

/* The first line is the secret, the rest a text that may quote it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(free) char *secret = fuzz_string(bytes, n);
    AUTO(secrets_free) struct secrets *secrets = secrets_new();
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    size_t length = strcspn(secret, "\n");
    const char *text = secret[length] ? secret + length + 1 : "";

    secret[length] = '\0';
    require(secrets && secrets_add(secrets, secret));
    buf_add_str(&buf, text);
    secrets_redact(secrets, &buf);
    /* The stars themselves may complete a secret that has some. */
    if (length >= 3 && !strchr(secret, '*'))
        require(!strstr(buf.bytes, secret));

    char small[16];
    strncpy(small, text, sizeof small - 1);
    small[sizeof small - 1] = '\0';
    secrets_redact_array(secrets, small, sizeof small);
    require(strlen(small) < sizeof small);
    return 0;
}
