// Formatted text.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <utee_syscalls.h>

/// Where text goes; `length` counts what did not fit as well.
struct text {
    char *bytes;
    size_t size;
    size_t length;
};

/// One conversion of a format.
struct conversion {
    bool isLeft, hasSign, hasSpace, isAlternate, isZeroFilled;
    int width;
    int precision;
    int bytes;
};

static void put(struct text *text, char character) {
    if (text->length + 1 < text->size) text->bytes[text->length] = character;
    text->length++;
}
static void fill(struct text *text, char character, int count) {
    while (count-- > 0) put(text, character);
}

static void put_field(struct text *text, const struct conversion *conversion, const char *prefix, const char *body, int length) {
    int prefixLength = (int)strlen(prefix), padding = conversion->width - prefixLength - length;
    bool isZeroFilled = conversion->isZeroFilled && !conversion->isLeft;
    if (!conversion->isLeft && !isZeroFilled) fill(text, ' ', padding);
    while (*prefix) put(text, *prefix++);
    if (isZeroFilled) fill(text, '0', padding);
    for (int index = 0; index < length; index++) put(text, body[index]);
    if (conversion->isLeft) fill(text, ' ', padding);
}

static void put_number(struct text *text, struct conversion *conversion, uint64_t value, char kind, bool isNegative) {
    char digits[72], prefix[4] = "";
    int length = 0, base = kind == 'o' ? 8 : kind == 'x' || kind == 'X' || kind == 'p' ? 16 : 10;
    const char *alphabet = kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    bool isSigned = kind == 'd' || kind == 'i';
    if (isSigned && (isNegative || conversion->hasSign || conversion->hasSpace)) prefix[0] = isNegative ? '-' : conversion->hasSign ? '+' : ' ';
    if (base == 16 && (kind == 'p' || (conversion->isAlternate && value))) {
        prefix[0] = '0';
        prefix[1] = kind == 'X' ? 'X' : 'x';
    }
    char *place = digits + sizeof(digits);
    for (; value; value /= (unsigned)base, length++) *--place = alphabet[value % (unsigned)base];
    int least = conversion->precision < 0 ? 1 : conversion->precision > 64 ? 64 : conversion->precision;
    if (base == 8 && conversion->isAlternate && least <= length) least = length + 1;
    for (; length < least; length++) *--place = '0';
    if (conversion->precision >= 0) conversion->isZeroFilled = false;
    put_field(text, conversion, prefix, place, length);
}

static void put_uuid(struct text *text, const struct conversion *conversion, const uint8_t *bytes) {
    static const uint8_t order[] = {3, 2, 1, 0, 0xff, 5, 4, 0xff, 7, 6, 0xff, 8, 9, 0xff, 10, 11, 12, 13, 14, 15};
    char body[37];
    int length = 0;
    for (size_t index = 0; index < sizeof(order); index++) {
        if (order[index] == 0xff) {
            body[length++] = '-';
            continue;
        }
        body[length++] = "0123456789abcdef"[bytes[order[index]] >> 4];
        body[length++] = "0123456789abcdef"[bytes[order[index]] & 15];
    }
    put_field(text, conversion, "", body, length);
}

static const char *read_flags(const char *format, struct conversion *conversion) {
    for (;; format++) {
        switch (*format) {
        case '-': conversion->isLeft = true; break;
        case '+': conversion->hasSign = true; break;
        case ' ': conversion->hasSpace = true; break;
        case '#': conversion->isAlternate = true; break;
        case '0': conversion->isZeroFilled = true; break;
        default: return format;
        }
    }
}

static int read_count(const char **format) {
    int count = 0;
    for (; **format >= '0' && **format <= '9'; (*format)++)
        if (count < 100000) count = count * 10 + (**format - '0');
    return count;
}

static const char *read_size(const char *format, struct conversion *conversion) {
    conversion->bytes = sizeof(int);
    for (;; format++) {
        switch (*format) {
        case 'h': conversion->bytes /= 2; break;
        case 'l':
        case 'z':
        case 't':
        case 'j': conversion->bytes = sizeof(long); break;
        default: return format;
        }
    }
}

static uint64_t cut(uint64_t value, int bytes) { return bytes >= 8 ? value : value & ((UINT64_C(1) << (bytes * 8)) - 1); }
static int64_t cut_signed(int64_t value, int bytes) {
    int unused = 64 - bytes * 8;
    return (int64_t)((uint64_t)value << unused) >> unused;
}

/// A va_list as an argument that goes back changed, whatever kind of type it is.
struct arguments {
    va_list list;
};

/// Width and precision, which may be arguments.
static const char *read_lengths(const char *format, struct conversion *conversion, struct arguments *arguments) {
    if (*format == '*') {
        format++;
        conversion->width = va_arg(arguments->list, int);
        conversion->isLeft |= conversion->width < 0;
        // As unsigned numbers, for which the least has an opposite.
        if (conversion->width < 0) conversion->width = (int)(0u - (unsigned)conversion->width);
    } else {
        conversion->width = read_count(&format);
    }
    if (*format != '.') return format;
    format++;
    if (*format != '*') {
        conversion->precision = read_count(&format);
        return format;
    }
    conversion->precision = va_arg(arguments->list, int);
    return format + 1;
}

static void put_string(struct text *text, const struct conversion *conversion, const char *value) {
    if (!value) value = "(null)";
    size_t limit = conversion->precision >= 0 ? (size_t)conversion->precision : INT32_MAX;
    put_field(text, conversion, "", value, (int)strnlen(value, limit));
}

/// Writes what one conversion wants; answers what of the format follows it.
static const char *convert(struct text *text, const char *format, struct arguments *arguments) {
    struct conversion conversion = {.precision = -1};
    int64_t number;
    char character;
    const void *pointer;
    format = read_size(read_lengths(read_flags(format, &conversion), &conversion, arguments), &conversion);
    switch (*format) {
    case 'd':
    case 'i':
        number = conversion.bytes == 8 ? va_arg(arguments->list, int64_t) : va_arg(arguments->list, int);
        number = cut_signed(number, conversion.bytes);
        put_number(text, &conversion, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, *format, number < 0);
        break;
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        number = conversion.bytes == 8 ? va_arg(arguments->list, int64_t) : (int64_t)va_arg(arguments->list, unsigned);
        put_number(text, &conversion, cut((uint64_t)number, conversion.bytes), *format, false);
        break;
    case 'c':
        character = (char)va_arg(arguments->list, int);
        put_field(text, &conversion, "", &character, 1);
        break;
    case 's': put_string(text, &conversion, va_arg(arguments->list, const char *)); break;
    case 'p':
        pointer = va_arg(arguments->list, const void *);
        // OP-TEE's way to print a UUID.
        if (format[1] == 'U' && format[2] == 'l') {
            put_uuid(text, &conversion, pointer);
            return format + 3;
        }
        put_number(text, &conversion, (uintptr_t)pointer, 'p', false);
        break;
    case 0: return format;
    default: put(text, *format);
    }
    return format + 1;
}

int vsnprintf(char *bytes, size_t size, const char *format, va_list list) {
    struct text text = {bytes, size, 0};
    struct arguments arguments;
    va_copy(arguments.list, list);
    while (*format) {
        if (*format == '%')
            format = convert(&text, format + 1, &arguments);
        else
            put(&text, *format++);
    }
    va_end(arguments.list);
    if (size) bytes[text.length < size ? text.length : size - 1] = 0;
    return (int)text.length;
}

int snprintf(char *text, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return length;
}
int sprintf(char *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, SIZE_MAX, format, arguments);
    va_end(arguments);
    return length;
}
