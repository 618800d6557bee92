#include "pg/guard.h"

#include "fuzz.h"

static bool lets_read(enum guard_verdict verdict)
{
    return verdict == GUARD_PASS || verdict == GUARD_COMPUTE;
}

static bool refuses(enum guard_verdict verdict)
{
    return !lets_read(verdict) && verdict != GUARD_HOLD;
}

/* The first message, looked at more simply than guard.c does. */
static void check_first(const struct guard_policy *policy, const uint8_t *bytes,
                        size_t n, const struct guard_view *view)
{
    if (n < 9 || bytes[0] != 'R')
        return;
    bool cleartext = memcmp(bytes + 5, "\0\0\0\3", 4) == 0;
    bool kerberos = memcmp(bytes + 5, "\0\0\0\7", 4) == 0;
    if (cleartext && (!policy->cleartext_allowed || policy->in_sasl))
        require(!lets_read(view->verdict));
    if (kerberos && (!policy->gss_allowed || policy->in_sasl))
        require(!lets_read(view->verdict));
}

/* The first byte chooses the policy. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    struct guard_policy policy = {bytes[0] & 1, bytes[0] & 2, 5000, bytes[0] & 4};
    /* A copy of its own size, so that reading behind the end is noticed. */
    n--;
    uint8_t *input = malloc(n ? n : 1);
    require(input);
    if (n)
        memcpy(input, bytes + 1, n);

    bool refused = false;
    for (size_t some = 1; some <= n; some++) {
        struct guard_view view = guard_look(&policy, input, some);
        /* What more bytes make of it is never milder. */
        require(!refused || refuses(view.verdict));
        refused = refuses(view.verdict);
        if (view.verdict == GUARD_COMPUTE)
            require(view.iterations <= policy.max_iterations && view.sasl);
        require(view.sasl || !policy.in_sasl);
        check_first(&policy, input, some, &view);
        guard_look_answer(input, some);
    }
    free(input);
    return 0;
}
