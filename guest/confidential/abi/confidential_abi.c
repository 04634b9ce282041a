#include "confidential_abi.h"
