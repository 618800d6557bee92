/* Doubly linked lists through nodes embedded in the structs that they link;
 * each list knows its length, because in pgcensus the length of a list is a
 * statistic. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

struct list_node {
    struct list_node *prev, *next; /* NULL, NULL: in no list */
};

struct list {
    struct list_node head;
    size_t n;
};

static inline void list_init(struct list *list)
{
    list->head.prev = list->head.next = &list->head;
    list->n = 0;
}

static inline bool list_linked(const struct list_node *node)
{
    return node->next != NULL;
}

static inline void list_insert_before(struct list *list, struct list_node *at,
                                      struct list_node *node)
{
    assert(!list_linked(node));
    node->prev = at->prev;
    node->next = at;
    at->prev->next = node;
    at->prev = node;
    list->n++;
}

static inline void list_push_front(struct list *list, struct list_node *node)
{
    list_insert_before(list, list->head.next, node);
}

static inline void list_push_back(struct list *list, struct list_node *node)
{
    list_insert_before(list, &list->head, node);
}

/* node must be in that very list. */
static inline void list_remove(struct list *list, struct list_node *node)
{
    assert(list_linked(node) && list->n > 0);
    node->prev->next = node->next;
    node->next->prev = node->prev;
    node->prev = node->next = NULL;
    list->n--;
}

/* NULL if empty. */
static inline struct list_node *list_first(const struct list *list)
{
    return list->n ? list->head.next : NULL;
}

static inline struct list_node *list_last(const struct list *list)
{
    return list->n ? list->head.prev : NULL;
}

/* NULL after the last one. */
static inline struct list_node *list_next(const struct list *list,
                                          const struct list_node *node)
{
    return node->next == &list->head ? NULL : node->next;
}

/* Safe against removal of the current node only. */
#define list_each(list, node, after)                                                   \
    for (struct list_node *node = (list)->head.next, *after = node->next;              \
         node != &(list)->head; node = after, after = node->next)

#endif
