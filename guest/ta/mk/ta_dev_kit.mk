# OP-TEE's way to build an application. Its Makefile sets BINARY to the UUID and includes this file as $(TA_DEV_KIT_DIR)/mk/ta_dev_kit.mk; sub.mk lists sources:
#
#     make TA_DEV_KIT_DIR=.../guest/ta        makes $(O)/UUID.elf, and UUID.ta of it, signed with the device's development key
#
# Of a Makefile: BINARY, or SHLIBUUID for a shared library; CPPFLAGS, CFLAGS; CFG_TEE_TA_LOG_LEVEL, CFG_TA_OPTEE_CORE_API_COMPAT_1_1; O. Of sub.mk: srcs-y, subdirs-y,
# global-incdirs-y, incdirs-y, cflags-y, cppflags-y. SKERRY is the command that signs.
ta-kit := $(patsubst %/mk/,%,$(dir $(lastword $(MAKEFILE_LIST))))
O ?= .
SKERRY ?= $(ta-kit)/../../scripts/skerry
ta-name := $(or $(BINARY),$(SHLIBUUID))
ifeq ($(ta-name),)
$(error BINARY is not set: it is the UUID of the application)
endif

ta-sources :=
ta-flags := $(if $(BINARY),,--library)
ta-flags += $(addprefix -DTRACE_LEVEL=,$(CFG_TEE_TA_LOG_LEVEL))
ta-flags += $(if $(filter y 1,$(CFG_TA_OPTEE_CORE_API_COMPAT_1_1)),-D__OPTEE_CORE_API_COMPAT_1_1=1)

# What the sub.mk of a folder says, and those of the folders below it. Its folders are relative to it.
define ta-read-folder
sub-dir := $(1)
srcs-y :=
subdirs-y :=
global-incdirs-y :=
incdirs-y :=
cflags-y :=
cppflags-y :=
include $(1)/sub.mk
ta-sources += $$(addprefix $(1)/,$$(srcs-y))
ta-flags += $$(addprefix -I$(1)/,$$(global-incdirs-y) $$(incdirs-y)) $$(cppflags-y) $$(cflags-y)
ta-folders-$(1) := $$(subdirs-y)
endef
ta-walk = $(eval $(call ta-read-folder,$(1)))$(foreach folder,$(ta-folders-$(1)),$(call ta-walk,$(1)/$(folder)))
$(call ta-walk,.)
ta-flags += $(CPPFLAGS) $(CFLAGS)

.PHONY: all clean
all: $(O)/$(ta-name).ta

$(O)/$(ta-name).ta: $(O)/$(ta-name).elf
	$(SKERRY) tee sign -o $@ $<

# One step for all: what a compiler would save by single objects is less than make needs to find out.
$(O)/$(ta-name).elf: $(ta-sources) $(wildcard *.h include/*.h Makefile sub.mk)
	@mkdir -p $(O)
	$(ta-kit)/cc -o $@ $(ta-flags) $(ta-sources)

clean:
	rm -f $(O)/$(ta-name).elf $(O)/$(ta-name).ta
