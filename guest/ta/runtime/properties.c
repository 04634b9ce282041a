// Properties (TEE Internal Core API 1.3.1, 4.4): those of the application and of this library come from tables here, all others from the core.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ta_runtime.h"

/// Where an enumerator stands: its set, and the number of the property, first in the table here, then in the core.
struct property_enumerator {
    TEE_PropSetHandle set;
    uint32_t index;
};
static const uint32_t notStarted = UINT32_MAX;

/// A property's value, in a buffer of the caller.
struct property_value {
    uint32_t type;
    void *bytes;
    uint32_t size;
};

static const struct user_ta_property libraryProperties[] = {
    {"gpd.tee.arith.maxBigIntSize", USER_TA_PROP_TYPE_U32, &(const uint32_t){BIG_INTEGER_BITS}},
    {"gpd.tee.internalCore.version", USER_TA_PROP_TYPE_U32, &(const uint32_t){0x01030100}},
};

static bool is_set(TEE_PropSetHandle handle) {
    return handle == TEE_PROPSET_CURRENT_TA || handle == TEE_PROPSET_CURRENT_CLIENT || handle == TEE_PROPSET_TEE_IMPLEMENTATION;
}

static size_t table_of(TEE_PropSetHandle set, const struct user_ta_property **table) {
    *table = NULL;
    if (set == TEE_PROPSET_CURRENT_TA) {
        *table = ta_props;
        return ta_num_props;
    }
    if (set == TEE_PROPSET_TEE_IMPLEMENTATION) {
        *table = libraryProperties;
        return ARRAY_SIZE(libraryProperties);
    }
    return 0;
}

static TEE_Result read_entry(const struct user_ta_property *property, struct property_value *value) {
    uint32_t flag;
    const void *source = property->value;
    size_t size = 0;
    value->type = property->type;
    switch (property->type) {
    case USER_TA_PROP_TYPE_BOOL:
        flag = *(const bool *)property->value;
        source = &flag;
        size = sizeof(flag);
        break;
    case USER_TA_PROP_TYPE_U32: size = sizeof(uint32_t); break;
    case USER_TA_PROP_TYPE_U64: size = sizeof(uint64_t); break;
    case USER_TA_PROP_TYPE_UUID: size = sizeof(TEE_UUID); break;
    case USER_TA_PROP_TYPE_IDENTITY: size = sizeof(TEE_Identity); break;
    case USER_TA_PROP_TYPE_STRING: size = strlen(property->value) + 1; break;
    case USER_TA_PROP_TYPE_BINARY_BLOCK:
        size = value->size;
        bool fitted = base64_decode(property->value, value->bytes, &size);
        value->size = (uint32_t)size;
        return fitted ? TEE_SUCCESS : TEE_ERROR_SHORT_BUFFER;
    default: return TEE_ERROR_GENERIC;
    }
    bool fits = size <= value->size;
    if (fits) memcpy(value->bytes, source, size);
    value->size = (uint32_t)size;
    return fits ? TEE_SUCCESS : TEE_ERROR_SHORT_BUFFER;
}

/// Reads a property into the buffer that `value` names; the type is filled in even when the buffer is too short.
static TEE_Result read_property(TEE_PropSetHandle handle, const char *name, struct property_value *value) {
    const struct user_ta_property *table;
    TEE_PropSetHandle set = handle;
    uint32_t index = 0;
    value->type = USER_TA_PROP_TYPE_INVALID;
    if (is_set(handle)) {
        require(name);
        size_t count = table_of(set, &table);
        for (size_t entry = 0; entry < count; entry++)
            if (!strcmp(name, table[entry].name)) return read_entry(&table[entry], value);
        TEE_Result result = _utee_get_property_name_to_index(number_of(set), name, strlen(name) + 1, &index);
        if (result != TEE_SUCCESS) return result;
    } else {
        const struct property_enumerator *enumerator = (const struct property_enumerator *)handle;
        require(enumerator);
        if (enumerator->index == notStarted) return TEE_ERROR_ITEM_NOT_FOUND;
        set = enumerator->set;
        index = enumerator->index;
        size_t count = table_of(set, &table);
        if (index < count) return read_entry(&table[index], value);
        index -= (uint32_t)count;
    }
    return _utee_get_property(number_of(set), index, NULL, NULL, value->bytes, &value->size, &value->type);
}

/// Writes a value in the text form of table 4-8 and answers its length without the final zero.
static size_t print_value(const struct property_value *value, char *text, size_t size) {
    const TEE_Identity *identity = value->bytes;
    uint64_t number64;
    uint32_t number;
    switch (value->type) {
    case USER_TA_PROP_TYPE_BOOL: memcpy(&number, value->bytes, sizeof(number)); return strlcpy(text, number ? "true" : "false", size);
    case USER_TA_PROP_TYPE_U32: memcpy(&number, value->bytes, sizeof(number)); return (size_t)snprintf(text, size, "%u", number);
    case USER_TA_PROP_TYPE_U64: memcpy(&number64, value->bytes, sizeof(number64)); return (size_t)snprintf(text, size, "%lu", number64);
    case USER_TA_PROP_TYPE_UUID: return (size_t)snprintf(text, size, "%pUl", value->bytes);
    case USER_TA_PROP_TYPE_IDENTITY: return (size_t)snprintf(text, size, "%u:%pUl", identity->login, (const void *)&identity->uuid);
    case USER_TA_PROP_TYPE_STRING: return strlcpy(text, value->bytes, size);
    case USER_TA_PROP_TYPE_BINARY_BLOCK: {
        size_t length = size;
        base64_encode(value->bytes, value->size, text, &length);
        return length;
    }
    default: TEE_Panic(TEE_ERROR_BAD_FORMAT);
    }
}

TEE_Result TEE_GetPropertyAsString(TEE_PropSetHandle propsetOrEnumerator, const char *name, char *valueBuffer, size_t *valueBufferLen) {
    require(valueBufferLen && (valueBuffer || !*valueBufferLen));
    struct property_value value = {.size = 256};
    TEE_Result result;
    // A second time when the value is larger than usual; a third is not needed, as properties do not change meanwhile.
    for (int attempt = 0;; attempt++) {
        value.bytes = TEE_Malloc(value.size, TEE_MALLOC_FILL_ZERO);
        if (!value.bytes) TEE_Panic(TEE_ERROR_OUT_OF_MEMORY);
        result = read_property(propsetOrEnumerator, name, &value);
        if (result != TEE_ERROR_SHORT_BUFFER || attempt) break;
        TEE_Free(value.bytes);
    }
    if (result == TEE_SUCCESS) {
        size_t needed = print_value(&value, valueBuffer, *valueBufferLen) + 1;
        if (needed > *valueBufferLen) result = TEE_ERROR_SHORT_BUFFER;
        *valueBufferLen = needed;
    }
    TEE_Free(value.bytes);
    return ALLOWED(result, TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_SHORT_BUFFER);
}

/// A property of one type and a fixed size. Another type is told even when its value would not fit.
static TEE_Result read_fixed(TEE_PropSetHandle handle, const char *name, uint32_t type, void *bytes, uint32_t size) {
    require(bytes);
    struct property_value value = {.bytes = bytes, .size = size};
    TEE_Result result = read_property(handle, name, &value);
    if ((result == TEE_SUCCESS || result == TEE_ERROR_SHORT_BUFFER) && value.type != type) result = TEE_ERROR_BAD_FORMAT;
    return ALLOWED(result, TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT);
}

TEE_Result TEE_GetPropertyAsBool(TEE_PropSetHandle propsetOrEnumerator, const char *name, bool *value) {
    require(value);
    uint32_t flag = 0;
    TEE_Result result = read_fixed(propsetOrEnumerator, name, USER_TA_PROP_TYPE_BOOL, &flag, sizeof(flag));
    if (result == TEE_SUCCESS) *value = flag;
    return result;
}

TEE_Result TEE_GetPropertyAsU32(TEE_PropSetHandle propsetOrEnumerator, const char *name, uint32_t *value) {
    return read_fixed(propsetOrEnumerator, name, USER_TA_PROP_TYPE_U32, value, sizeof(*value));
}
TEE_Result TEE_GetPropertyAsU64(TEE_PropSetHandle propsetOrEnumerator, const char *name, uint64_t *value) {
    return read_fixed(propsetOrEnumerator, name, USER_TA_PROP_TYPE_U64, value, sizeof(*value));
}
TEE_Result TEE_GetPropertyAsUUID(TEE_PropSetHandle propsetOrEnumerator, const char *name, TEE_UUID *value) {
    return read_fixed(propsetOrEnumerator, name, USER_TA_PROP_TYPE_UUID, value, sizeof(*value));
}
TEE_Result TEE_GetPropertyAsIdentity(TEE_PropSetHandle propsetOrEnumerator, const char *name, TEE_Identity *value) {
    return read_fixed(propsetOrEnumerator, name, USER_TA_PROP_TYPE_IDENTITY, value, sizeof(*value));
}

TEE_Result TEE_GetPropertyAsBinaryBlock(TEE_PropSetHandle propsetOrEnumerator, const char *name, void *valueBuffer, size_t *valueBufferLen) {
    require(valueBufferLen && (valueBuffer || !*valueBufferLen));
    struct property_value value = {.bytes = valueBuffer, .size = *valueBufferLen > UINT32_MAX ? UINT32_MAX : (uint32_t)*valueBufferLen};
    TEE_Result result = read_property(propsetOrEnumerator, name, &value);
    if ((result == TEE_SUCCESS || result == TEE_ERROR_SHORT_BUFFER) && value.type != USER_TA_PROP_TYPE_BINARY_BLOCK) result = TEE_ERROR_BAD_FORMAT;
    if (result == TEE_SUCCESS || result == TEE_ERROR_SHORT_BUFFER) *valueBufferLen = value.size;
    return ALLOWED(result, TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT, TEE_ERROR_SHORT_BUFFER);
}

TEE_Result TEE_AllocatePropertyEnumerator(TEE_PropSetHandle *enumerator) {
    require(enumerator);
    struct property_enumerator *made = TEE_Malloc(sizeof(*made), TEE_MALLOC_FILL_ZERO);
    *enumerator = (TEE_PropSetHandle)made;
    if (!made) return TEE_ERROR_OUT_OF_MEMORY;
    made->index = notStarted;
    return TEE_SUCCESS;
}

void TEE_FreePropertyEnumerator(TEE_PropSetHandle enumerator) { TEE_Free(enumerator); }

void TEE_StartPropertyEnumerator(TEE_PropSetHandle enumerator, TEE_PropSetHandle propSet) {
    require(enumerator && is_set(propSet));
    *(struct property_enumerator *)enumerator = (struct property_enumerator){propSet, 0};
}

void TEE_ResetPropertyEnumerator(TEE_PropSetHandle enumerator) {
    require(enumerator);
    ((struct property_enumerator *)enumerator)->index = notStarted;
}

TEE_Result TEE_GetPropertyName(TEE_PropSetHandle handle, void *nameBuffer, size_t *nameBufferLen) {
    const struct property_enumerator *enumerator = (const struct property_enumerator *)handle;
    require(enumerator && nameBufferLen && (nameBuffer || !*nameBufferLen));
    if (enumerator->index == notStarted) return TEE_ERROR_ITEM_NOT_FOUND;
    const struct user_ta_property *table;
    size_t count = table_of(enumerator->set, &table);
    TEE_Result result = TEE_SUCCESS;
    if (enumerator->index < count) {
        size_t needed = strlcpy(nameBuffer, table[enumerator->index].name, *nameBufferLen) + 1;
        if (needed > *nameBufferLen) result = TEE_ERROR_SHORT_BUFFER;
        *nameBufferLen = needed;
    } else {
        uint32_t length = *nameBufferLen > UINT32_MAX ? UINT32_MAX : (uint32_t)*nameBufferLen;
        result = _utee_get_property(number_of(enumerator->set), enumerator->index - count, nameBuffer, &length, NULL, NULL, NULL);
        *nameBufferLen = length;
    }
    return ALLOWED(result, TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_SHORT_BUFFER);
}

TEE_Result TEE_GetNextProperty(TEE_PropSetHandle handle) {
    struct property_enumerator *enumerator = (struct property_enumerator *)handle;
    require(enumerator);
    if (enumerator->index == notStarted) return TEE_ERROR_ITEM_NOT_FOUND;
    const struct user_ta_property *table;
    size_t count = table_of(enumerator->set, &table);
    if (++enumerator->index < count) return TEE_SUCCESS;
    return ALLOWED(_utee_get_property(number_of(enumerator->set), enumerator->index - count, NULL, NULL, NULL, NULL, NULL), TEE_ERROR_ITEM_NOT_FOUND);
}
