#include "certs/authority.h"
