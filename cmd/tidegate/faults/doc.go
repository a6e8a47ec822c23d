// Package faults proves on the real program that what was acknowledged is kept: when the process is killed, and when the
// power is cut. It consists of tests.
//
//	publishers ──▶ ┌──────────┐ ──▶ subscriber that stays      all of them, and the log of what was
//	subscriptions  │ tidegate │ ──▶ subscriber that comes      acknowledged, live outside of the
//	retained ◀───▶ └──────────┘     when the load is over      process that is killed
//	                    ▼
//	            storagetest.Disk
//
// The clients here are written for this purpose, on nothing of ours but the codec: a correct client goes on with its
// session, repeats what was not acknowledged in its old order, and takes a QoS 2 packet identifier for the same message
// until it is released.
//
// The program is built with the tag faultpoints, so that it can stop at a named point (storage/point_faults.go).
//
//	TIDEGATE_KILLS   how often TestKill kills the process
//	TIDEGATE_CUTS    how often TestPowerCut cuts the power
//	TIDEGATE_POINTS  how often the tests of named points do
//	TIDEGATE_SEED    the moments of an earlier run again
package faults
