/* Passwords in text that was meant for something else: USER:PASSWORD@HOST, with or
 * without a scheme in front, and password= (passwd=, pwd= ...) of a connection string.
 * What looks like one counts as one; silence costs less than a secret. */
#ifndef BASE_LOGIN_H
#define BASE_LOGIN_H

#include <stdbool.h>
#include <stddef.h>

/* Where the password of a login begins in the first n bytes. */
bool login_find(const char *text, size_t n, size_t *ret_offset);

/* Replaces in place the password of a login, or behind password=, by "***"; what
 * follows a login's last "@" stays. */
void login_hide(char *text);
/* Whether login_hide() would hide something. */
bool login_is_in(const char *text);

#endif
