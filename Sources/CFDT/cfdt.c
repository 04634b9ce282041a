#include <libfdt.h>

#include "cfdt.h"
