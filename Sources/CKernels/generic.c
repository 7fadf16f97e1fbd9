#include "lanes/plain.h"
#include "loops/all.h"
