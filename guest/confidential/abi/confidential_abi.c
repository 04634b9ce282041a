#include "confidential_abi.h"
#include "ring_abi.h"
