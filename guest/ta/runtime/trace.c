// Traces. One call of the core for each line.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ta_runtime.h"

void trace_ext_puts(const char *text) { _utee_log(text, strlen(text)); }
void trace_set_level(int level) { trace_level = level < TRACE_MIN ? TRACE_MIN : level > TRACE_MAX ? TRACE_MAX : level; }
int trace_get_level(void) { return trace_level; }

void trace_printf(const char *function, int line, int level, bool level_ok, const char *format, ...) {
    static const char letters[] = "?EIDF";
    if (!level_ok && level > trace_level) return;
    if (level > trace_level) return;
    char text[MAX_PRINT_SIZE];
    const size_t room = sizeof(text) - 1;
    const char letter = level > 0 && level <= TRACE_MAX ? letters[level] : 'M';
    size_t length = (size_t)snprintf(text, room, "%c/%s: ", letter, trace_ext_prefix);
    if (function) length += (size_t)snprintf(text + length, room - length, "%.*s:%d ", MAX_FUNC_PRINT_SIZE, function, line);
    va_list arguments;
    va_start(arguments, format);
    length += (size_t)vsnprintf(text + length, room - length, format, arguments);
    va_end(arguments);
    if (length > room - 1) length = room - 1;
    if (text[length - 1] != '\n') text[length++] = '\n';
    _utee_log(text, length);
}

void dhex_dump(const char *function, int line, int level, const void *data, int length) {
    const uint8_t *bytes = data;
    for (int start = 0; start < length; start += 16) {
        char text[3 * 16 + 1];
        int position = 0;
        for (int index = start; index < length && index < start + 16; index++) position += snprintf(text + position, sizeof(text) - (size_t)position, "%02x ", bytes[index]);
        trace_printf(function, line, level, true, "%p  %s", (const void *)(bytes + start), text);
    }
}
