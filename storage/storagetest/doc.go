// Package storagetest has what tests of databases share: every schema that ever landed, as text, and disks that fail:
// real ext4 file systems, each in a file of its own, so that no fault reaches anything else.
//
//	disk := storagetest.MustMount(t, 64)
//	... a process writes below disk.Path() ...
//	disk.CutPower(process) // what was not synced is gone; the disk is mounted again
//
// Mounting takes root. Where it is not permitted the test is skipped and says so; with CI=true it fails, so that a proof
// cannot go missing unseen.
//
// A power cut is more than the end of a process: kill -9 leaves what was written in the kernel's memory, and the kernel
// writes it to the disk sooner or later. Here the file system is shut down without writing anything more.
package storagetest
