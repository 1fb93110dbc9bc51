#include <signal.h>

/* struct user_regs_struct of <asm/ptrace.h> */
#define ELF_NGREG 10
#define ELF_NFPREG 1
typedef unsigned long elf_greg_t, elf_gregset_t[ELF_NGREG];
typedef unsigned long elf_fpregset_t[ELF_NFPREG];
