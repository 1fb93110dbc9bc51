// SPDX-License-Identifier: GPL-2.0
/*
 * What generic time namespaces want of a vDSO. Programs here read the clock by
 * system calls, which add a namespace's offsets, so there is none to prepare: the
 * page that the generic code makes for it is never mapped.
 */
#include <linux/time_namespace.h>
#include <vdso/datapage.h>

struct vdso_data *arch_get_vdso_data(void *vvar_page)
{
	return vvar_page;
}

int vdso_join_timens(struct task_struct *task, struct time_namespace *ns)
{
	return 0;
}
