#include "judge/group.h"

#include "base/clock.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 8 };

/* A group is a word, a node after the other: P primary, S standby, D down, U not asked,
 * L could not be asked by us, X disabled, H missed a check and may, R answered and does
 * not tell its role, C the same, the console of a pooler; a digit behind it is its
 * cluster (1 if left out, 0: unknown), ^ behind that: on a later timeline, c that only
 * its control file says on which, ? that nobody knows when it was started, | that it
 * has no WAL receiver, A the same on purpose, r that it was started after all others
 * had been asked, ~ that nobody knows whether it breaks a
 * limit; = in front of one: it is the server of the node before, @ that it has the
 * address of the node before and nobody knows when it was started. */
static size_t parse(const char *story, struct peer *peers)
{
    static struct pgcensus_node_result results[MOST];
    static struct pgcensus_identity identities[MOST];
    static struct pgcensus_facts facts[MOST];
    static char names[MOST][2], hosts[MOST][8];
    size_t n = 0;
    for (; *story; story++, n++) {
        struct pgcensus_node_result *result = &results[n];
        bool again = *story == '=', beside = *story == '@';
        story += again || beside;
        bool answered = strchr("PSRC", *story);
        char role = *story;
        *result = (struct pgcensus_node_result){
            .index = n,
            .attempted = *story != 'U' && *story != 'X',
            .failed = !answered && *story != 'X',
            .held = *story == 'H',
            .status = answered        ? PGCENSUS_OK
                      : *story == 'D' ? PGCENSUS_DOWN
                      : *story == 'H' ? PGCENSUS_WARN
                      : *story == 'X' ? PGCENSUS_DISABLED
                                      : PGCENSUS_UNKNOWN,
            .role = role == 'P'   ? PGCENSUS_PRIMARY
                    : role == 'S' ? PGCENSUS_STANDBY
                                  : PGCENSUS_ROLE_UNKNOWN,
        };
        facts[n] = (struct pgcensus_facts){.system_identifier = 1, .timeline = 1};
        if (story[1] >= '0' && story[1] <= '9')
            facts[n].system_identifier = (uint64_t)(*++story - '0');
        names[n][0] = (char)('a' + n);
        snprintf(hosts[n], sizeof hosts[n], "db%zu", n);
        if (beside)
            strcpy(hosts[n], hosts[n - 1]);
        identities[n] = (struct pgcensus_identity){
            .name = names[n], .host = hosts[n], .simple = role == 'C'};
        facts[n].receiver = PGCENSUS_RECEIVER_STREAMING;
        facts[n].started_at = again ? facts[n - 1].started_at : (nsec)(n + 1);
        facts[n].clock_known = true;
        facts[n].server_clock = NSEC_PER_SEC;
        if (beside)
            facts[n].started_at = 0;
        for (; story[1] && strchr("^c?|A~r", story[1]); story++) {
            facts[n].timeline += story[1] == '^';
            facts[n].timeline_recorded |= story[1] == 'c';
            facts[n].started_at *= story[1] != '?';
            if (story[1] == '|' || story[1] == 'A')
                facts[n].receiver = PGCENSUS_RECEIVER_NONE;
            identities[n].expect_archive = story[1] == 'A';
            if (story[1] == 'r')
                facts[n].started_at = ++facts[n].server_clock;
            if (story[1] == '~')
                result->status = PGCENSUS_UNKNOWN;
        }
        result->facts = role == 'P' || role == 'S' ? &facts[n] : NULL;
        peers[n] = (struct peer){&identities[n], result};
    }
    return n;
}

/* One name in front of several addresses: the name of a certificate, say. */
static void one_name_and_two_addresses(void **state)
{
    struct peer peers[MOST];
    struct pgcensus_identity identities[3];
    struct company company;
    parse("PXX", peers);
    static const char *const addresses[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
    for (size_t i = 0; i < 3; i++) {
        identities[i] = *peers[i].identity;
        identities[i].host = "db";
        identities[i].hostaddr = addresses[i];
        peers[i].identity = &identities[i];
    }
    struct pgcensus_node_result reached = *peers[0].result;
    strcpy(reached.hostaddr, addresses[0]);
    peers[0].result = &reached;
    assert_true(company_init(&company, peers, 3));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(company.servers[i], i);
    company_fini(&company);
    identities[1].hostaddr = NULL; /* whatever the name leads to */
    identities[2].hostaddr = addresses[0];
    assert_true(company_init(&company, peers, 3));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(company.servers[i], 0);
    company_fini(&company);
}

struct story {
    const char *nodes;
    int primaries, standbys, min_healthy; /* required; -1: no rule */
    enum pgcensus_status status;
    const char *codes; /* of the reasons, in order */
};

static void assert_story(const struct story *story, const char *group, bool complete)
{
    struct peer peers[MOST];
    struct company company;
    assert_true(company_init(&company, peers, parse(story->nodes, peers)));
    struct group_question question = {
        .group = group,
        .company = &company,
        .complete = complete,
        .require = {story->primaries, story->standbys, story->min_healthy},
    };
    struct pgcensus_group_verdict verdict;
    char codes[256] = "";
    assert_true(group_judge(&question, &verdict));
    for (size_t i = 0; i < verdict.n_reasons; i++) {
        strcat(codes, i ? " " : "");
        strcat(codes, verdict.reasons[i].code);
    }
    if (strcmp(codes, story->codes) || verdict.status != story->status)
        fail_msg("%s: %s, %s", story->nodes, pgcensus_status_name(verdict.status),
                 codes);
    group_verdict_fini(&verdict);
    company_fini(&company);
}

static const struct story whole[] = {
    {"PSS", -1, -1, -1, PGCENSUS_OK, ""},
    {"PSS", 1, 2, 3, PGCENSUS_OK, ""},
    {"PP", -1, -1, -1, PGCENSUS_DOWN, "split_brain"},
    {"PPr", -1, -1, -1, PGCENSUS_OK, ""}, /* it may have been restarted between them */
    {"PPr", 1, -1, -1, PGCENSUS_UNKNOWN, "identity_unknown"},
    {"PrPP", 1, -1, -1, PGCENSUS_DOWN, "split_brain primaries"},
    {"PPS", 1, -1, -1, PGCENSUS_DOWN, "split_brain primaries"},
    {"PPS", 2, -1, -1, PGCENSUS_DOWN, "split_brain primaries"}, /* whatever is said */
    {"P1P2S1S2", 2, -1, -1, PGCENSUS_OK, ""}, /* two primaries are two clusters */
    {"P1P2S1S2", 1, -1, -1, PGCENSUS_DOWN,
     "primaries system_identifier system_identifier"},
    {"P1P2S1S3", 2, -1, -1, PGCENSUS_DOWN, "system_identifier"},
    {"P1P1P2S2", 2, -1, -1, PGCENSUS_DOWN, "split_brain"},
    {"P1S1S2", 2, -1, -1, PGCENSUS_DOWN, "primaries"}, /* S2 may be of the other */
    {"P1S1S2D", 2, -1, -1, PGCENSUS_DOWN, "primaries"},
    {"P1S1S2U", 2, -1, -1, PGCENSUS_UNKNOWN, ""},
    {"P1P2P3", 2, -1, -1, PGCENSUS_DOWN, "primaries system_identifier"},
    {"P1P2P3", 3, -1, -1, PGCENSUS_OK, ""},
    {"P1P2P3", -1, -1, -1, PGCENSUS_OK, ""}, /* a mere collection */
    {"P1P2S1", -1, -1, -1, PGCENSUS_WARN, "system_identifier"},
    {"P1P2S1", 1, -1, -1, PGCENSUS_DOWN, "primaries system_identifier"},
    {"PS2", -1, -1, -1, PGCENSUS_WARN, "system_identifier"},
    {"PS^", -1, -1, -1, PGCENSUS_DOWN, "timeline"},
    {"P^S", -1, -1, -1, PGCENSUS_WARN, "timeline"},
    {"P^cS", -1, -1, -1, PGCENSUS_WARN, "timeline"}, /* it is that at least … */
    {"PcS^", -1, -1, -1, PGCENSUS_OK, ""},           /* … and may be later */
    {"P^S|", -1, -1, -1, PGCENSUS_OK, ""},           /* its control file is behind */
    {"P0S0", 1, 1, -1, PGCENSUS_OK, ""},      /* what we may not see is no reproach */
    {"P0^S0S1", -1, -1, -1, PGCENSUS_OK, ""}, /* two unknown clusters are not one */
    {"P0P0", -1, -1, -1, PGCENSUS_OK, ""},    /* nobody knows that they are one */
    {"P0P0S0", -1, -1, -1, PGCENSUS_OK, ""},  /* also with a standby between them */
    {"P0P0", 1, -1, -1, PGCENSUS_UNKNOWN, "identity_unknown"},
    {"P0P0S0", -1, 1, -1, PGCENSUS_UNKNOWN, "identity_unknown"},
    {"P0P0", 2, -1, -1, PGCENSUS_UNKNOWN, "identity_unknown"},
    {"P0P0", 0, -1, -1, PGCENSUS_DOWN, "primaries"}, /* one at least */
    {"P0P0", 3, -1, -1, PGCENSUS_DOWN, "primaries"}, /* two at most */
    {"P1P0", 1, -1, -1, PGCENSUS_UNKNOWN, "identity_unknown"},
    {"P1P1P0", 1, -1, -1, PGCENSUS_DOWN, "split_brain primaries"},
    {"P1P2P0", 1, -1, -1, PGCENSUS_DOWN, "primaries system_identifier"},
    {"P1P1?", -1, -1, -1, PGCENSUS_OK, ""}, /* it may be the same one */
    {"P1P1?", 1, -1, -1, PGCENSUS_UNKNOWN, "identity_unknown"},
    {"P1@P1", 1, -1, -1, PGCENSUS_OK, ""}, /* and at one address it is */
    {"P0@P0S0", 1, 1, 2, PGCENSUS_OK, ""},
    {"P0@P0@P0S0", 1, 1, 2, PGCENSUS_OK, ""},
    {"P@XSS", 2, -1, -1, PGCENSUS_DOWN, "primaries"}, /* what is seen is not missing */
    {"D@XS", 1, -1, -1, PGCENSUS_DOWN, "no_primary"},
    {"P=P", -1, -1, 2, PGCENSUS_DOWN, "min_healthy"},
    {"P=PS=S", 1, -1, -1, PGCENSUS_OK, ""}, /* under two names each */
    {"PS=S", 1, 2, -1, PGCENSUS_DOWN, "standbys"},
    {"SS", -1, -1, -1, PGCENSUS_WARN, "no_primary"},
    {"DSS", -1, -1, -1, PGCENSUS_WARN, "no_primary"},
    {"DD", -1, -1, -1, PGCENSUS_OK, ""}, /* the nodes say it themselves */
    {"SS", 0, -1, -1, PGCENSUS_OK, ""},  /* meant so */
    {"SS", 1, -1, -1, PGCENSUS_DOWN, "no_primary"},
    {"PS", -1, 2, -1, PGCENSUS_DOWN, "standbys"},
    {"PSSS", -1, 2, -1, PGCENSUS_OK, ""}, /* more is no harm */
    {"PSS|", -1, 2, -1, PGCENSUS_DOWN, "standbys"},
    {"PSSA", -1, 2, -1, PGCENSUS_OK, ""},
    {"DS|S|", -1, 2, -1, PGCENSUS_WARN, "no_primary"}, /* it is not their fault */
    {"PSD", -1, -1, 3, PGCENSUS_DOWN, "min_healthy"},
    {"PSU", -1, -1, -1, PGCENSUS_UNKNOWN, ""},
    {"USS", -1, -1, -1, PGCENSUS_UNKNOWN, ""}, /* it may be the primary */
    {"UU", 1, 1, 2, PGCENSUS_UNKNOWN, ""},
    {"LL", 1, 1, 2, PGCENSUS_UNKNOWN, ""},
    {"LL", 1, 2, 3, PGCENSUS_DOWN, "min_healthy"}, /* whatever they are */
    {"XSS", -1, -1, -1, PGCENSUS_OK, ""},          /* on purpose */
    {"XSS", 1, 2, 3, PGCENSUS_OK, ""},
    {"XSS", 2, 2, 3, PGCENSUS_DOWN, "no_primary"},
    {"HSS", -1, -1, -1, PGCENSUS_OK, ""}, /* it may be the primary */
    {"HSS", 1, 3, 3, PGCENSUS_OK, ""},    /* … or the third standby */
    {"HSS", 2, 4, 4, PGCENSUS_DOWN, "no_primary standbys min_healthy"},
    {"HPP", 1, -1, -1, PGCENSUS_DOWN, "split_brain primaries"},
    {"RSS", -1, -1, -1, PGCENSUS_OK, ""}, /* it may be the primary, and answered */
    {"RSS", 1, 2, 3, PGCENSUS_UNKNOWN, "role_unknown"},
    {"RSS", 1, 3, 3, PGCENSUS_UNKNOWN, "role_unknown role_unknown"},
    {"RSS", 1, 4, -1, PGCENSUS_DOWN, "role_unknown standbys"},
    {"RSS", 2, -1, 4, PGCENSUS_DOWN, "no_primary min_healthy"},
    {"RPS", 1, -1, -1, PGCENSUS_OK, ""},
    {"RPS", 1, 2, -1, PGCENSUS_UNKNOWN, "role_unknown"},
    {"P@RS", 1, 2, -1, PGCENSUS_DOWN, "standbys"},   /* that server is the primary */
    {"RHS", 1, 1, 2, PGCENSUS_OK, ""},               /* what missed a check is enough */
    {"CSS", 1, -1, -1, PGCENSUS_DOWN, "no_primary"}, /* it is no server */
    {"PS~", 1, 1, 2, PGCENSUS_UNKNOWN, ""},          /* the standby says it itself */
    {"PS~", -1, -1, 3, PGCENSUS_DOWN, "min_healthy"},
    {"PS~", -1, -1, 1, PGCENSUS_OK, ""},
    {"P~S", 1, 1, -1, PGCENSUS_OK, ""},
};

static const struct story parts[] = {
    {"S", 1, 2, 3, PGCENSUS_OK, ""}, /* the rest was not asked */
    {"SS", -1, -1, -1, PGCENSUS_OK, ""},
    {"PP", 1, 2, 3, PGCENSUS_DOWN, "split_brain primaries"}, /* too many is too many */
};

static void all_of_a_group(void **state)
{
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        assert_story(&whole[i], "orders", true);
}

static void a_part_of_a_group(void **state)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_story(&parts[i], "orders", false);
}

static void no_rules_without_a_group(void **state)
{
    const struct story two = {"PPS", -1, -1, -1, PGCENSUS_WARN, "split_brain"};
    const struct story hidden = {"P0P0S0", -1, -1, -1, PGCENSUS_OK, ""};
    const struct story apart = {
        "P1P1P2P2S2", -1, -1, -1, PGCENSUS_WARN, "split_brain split_brain"};
    const struct story others = {"P1S2", -1, -1, -1, PGCENSUS_OK, ""};
    const struct story standbys = {"SS", -1, -1, -1, PGCENSUS_OK, ""};
    assert_story(&two, NULL, true);
    assert_story(&hidden, NULL, true);
    assert_story(&apart, NULL, true);
    assert_story(&others, NULL, true);
    assert_story(&standbys, NULL, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_a_group),
        cmocka_unit_test(a_part_of_a_group),
        cmocka_unit_test(no_rules_without_a_group),
        cmocka_unit_test(one_name_and_two_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
