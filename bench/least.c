/* The least that a program pays for being linked to what pgcensus is linked to, and for
 * reading a file with libyaml without looking at it.
 *
 *     least [FILE.yaml] */
#include <cyaml/cyaml.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <yaml.h>

static int walk(FILE *file)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return 1;
    yaml_parser_set_input_file(&parser, file);
    size_t events = 0;
    yaml_event_type_t type = YAML_NO_EVENT;
    while (type != YAML_STREAM_END_EVENT) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event))
            break;
        type = event.type;
        yaml_event_delete(&event);
        events++;
    }
    yaml_parser_delete(&parser);
    printf("%zu events\n", events);
    return type == YAML_STREAM_END_EVENT ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        printf("libpq %d, libcyaml %s\n", PQlibVersion(), cyaml_version_str);
        return 0;
    }
    FILE *file = fopen(argv[1], "r");
    if (!file) {
        perror(argv[1]);
        return 1;
    }
    int status = walk(file);
    fclose(file);
    return status;
}
