/* Finds passwords in other text: USER:PASSWORD@HOST, with or without a scheme
 * in front, and password= (passwd=, pwd= ...) of a connection string.  Text
 * that looks like a password counts as one: hiding too much costs less than
 * showing a secret. */
#ifndef BASE_LOGIN_H
#define BASE_LOGIN_H

#include <stdbool.h>
#include <stddef.h>

/* Finds the beginning of a login's password in the first n bytes. */
bool login_find(const char *text, size_t n, size_t *ret_offset);

/* Replaces in place the password of a login, or behind password=, by "***"; the
 * text behind a login's last "@" stays. */
void login_hide(char *text);
/* Whether login_hide() would hide something. */
bool login_is_in(const char *text);

#endif
