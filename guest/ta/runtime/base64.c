// Base64 (RFC 4648), the text form of binary properties.
#include "ta_runtime.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit_value(char digit) {
    for (int value = 0; value < 64; value++)
        if (digits[value] == digit) return value;
    return -1;
}

bool base64_decode(const char *text, uint8_t *bytes, size_t *size) {
    size_t written = 0;
    uint32_t bits = 0;
    int count = 0;
    for (; *text && *text != '='; text++) {
        int value = digit_value(*text);
        if (value < 0) continue;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        if (written < *size) bytes[written] = (uint8_t)(bits >> count);
        written++;
    }
    bool fits = written <= *size;
    *size = written;
    return fits;
}

bool base64_encode(const uint8_t *bytes, size_t count, char *text, size_t *size) {
    size_t needed = (count + 2) / 3 * 4, space = *size;
    *size = needed;
    if (needed >= space) return false;
    for (size_t start = 0; start < count; start += 3) {
        size_t left = count - start;
        uint32_t bits = (uint32_t)bytes[start] << 16 | (left > 1 ? (uint32_t)bytes[start + 1] << 8 : 0) | (left > 2 ? bytes[start + 2] : 0);
        *text++ = digits[bits >> 18];
        *text++ = digits[bits >> 12 & 63];
        *text++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *text++ = left > 2 ? digits[bits & 63] : '=';
    }
    *text = 0;
    return true;
}
