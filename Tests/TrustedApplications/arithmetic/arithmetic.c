#include "arithmetic.h"

#include "../plain_session.h"

enum { bits = 4096, words = TEE_BigIntSizeInU32(2 * bits) };

static TEE_BigInt operands[3][words], result[words], other[words], third[words], context[words];

static TEE_Result read(TEE_BigInt *number, const TEE_Param *memory, bool isNegative) {
    TEE_BigIntInit(number, words);
    return TEE_BigIntConvertFromOctetString(number, memory->memref.buffer, memory->memref.size, isNegative ? -1 : 1);
}

static TEE_Result write(const TEE_BigInt *number, TEE_Param *memory) {
    uint8_t *bytes = memory->memref.buffer;
    uint8_t copy[2 * bits / 8 + 1];
    size_t size = sizeof(copy) - 1;
    copy[0] = TEE_BigIntCmpS32(number, 0) < 0;
    TRY(TEE_BigIntConvertToOctetString(copy + 1, &size, number));
    if (memory->memref.size < size + 1) return memory->memref.size = size + 1, TEE_ERROR_SHORT_BUFFER;
    memcpy(bytes, copy, size + 1);
    memory->memref.size = size + 1;
    return TEE_SUCCESS;
}

static TEE_Result compute(uint32_t operation) {
    const TEE_BigInt *a = operands[0], *b = operands[1];
    int32_t small = 0;
    TEE_BigIntConvertToS32(&small, b);
    switch (operation) {
    case 0: TEE_BigIntAdd(result, a, b); break;
    case 1: TEE_BigIntSub(result, a, b); break;
    case 2: TEE_BigIntMul(result, a, b); break;
    case 3: TEE_BigIntDiv(result, other, a, b); break;
    case 4: TEE_BigIntDiv(NULL, result, a, b); break;
    case 5: TEE_BigIntComputeExtendedGcd(result, NULL, NULL, a, b); break;
    case 6: TEE_BigIntComputeExtendedGcd(other, result, third, a, b); break;
    case 7: TEE_BigIntComputeExtendedGcd(other, third, result, a, b); break;
    case 8: TEE_BigIntConvertFromS32(result, TEE_BigIntCmp(a, b)); break;
    case 9: TEE_BigIntConvertFromS32(result, TEE_BigIntRelativePrime(a, b)); break;
    case 10: TEE_BigIntShiftRight(result, a, (size_t)small); break;
    case 11: TEE_BigIntConvertFromS32(result, TEE_BigIntGetBit(a, (uint32_t)small)); break;
    case 12: TEE_BigIntConvertFromS32(result, (int32_t)TEE_BigIntGetBitCount(a)); break;
    case 13: TRY(TEE_BigIntAssign(result, a)); return TEE_BigIntSetBit(result, (uint32_t)small, true);
    case 14: TEE_BigIntNeg(result, a); break;
    case 15: return TEE_BigIntAbs(result, a);
    case 16: TEE_BigIntConvertFromS32(result, TEE_BigIntIsProbablePrime(a, 80)); break;
    case 17: TRY(TEE_BigIntConvertToS32(&small, a)); TEE_BigIntConvertFromS32(result, small); break;
    case 18: TEE_BigIntSquare(result, a); break;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
    return TEE_SUCCESS;
}

static TEE_Result compute_modulo(uint32_t operation) {
    const TEE_BigInt *a = operands[0], *b = operands[1], *n = operands[2];
    switch (operation) {
    case 32: TEE_BigIntMod(result, a, n); break;
    case 33: TEE_BigIntAddMod(result, a, b, n); break;
    case 34: TEE_BigIntSubMod(result, a, b, n); break;
    case 35: TEE_BigIntMulMod(result, a, b, n); break;
    case 36: TEE_BigIntSquareMod(result, a, n); break;
    case 37: TEE_BigIntInvMod(result, a, n); break;
    case 38: return TEE_BigIntExpMod(result, a, b, n, NULL);
    case 39:
        TRY(TEE_BigIntInitFMMContext1(context, words, n));
        TEE_BigIntInitFMM(other, words);
        TEE_BigIntInitFMM(third, words);
        TEE_BigIntConvertToFMM(other, a, n, context);
        TEE_BigIntConvertToFMM(third, b, n, context);
        TEE_BigIntComputeFMM(other, other, third, n, context);
        TEE_BigIntConvertFromFMM(result, other, n, context);
        break;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
    return TEE_SUCCESS;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    if (commandID != ARITHMETIC_COMPUTE) return TEE_ERROR_NOT_SUPPORTED;
    EXPECT_TYPES(VALUE_IN, MEMORY_IN, MEMORY_IN, MEMORY_INOUT);
    for (uint32_t index = 0; index < 3; index++) TRY(read(operands[index], &params[index + 1], params[0].value.b >> index & 1));
    TEE_BigIntInit(result, words);
    TEE_BigIntInit(other, words);
    TEE_BigIntInit(third, words);
    TRY(params[0].value.a < 32 ? compute(params[0].value.a) : compute_modulo(params[0].value.a));
    return write(result, &params[3]);
}
