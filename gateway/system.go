package gateway

import "time"

// System is the machine below the gateway. What the machine does not say is absent.
type System struct {
	Hostname string `json:"hostname"`
	// Model is what the board or the PC calls itself.
	Model string `json:"model,omitempty"`
	// OS is the name of the operating system, Kernel its version.
	OS           string `json:"os,omitempty"`
	Kernel       string `json:"kernel,omitempty"`
	Architecture string `json:"architecture"`
	// GoVersion is the one that the program was built with.
	GoVersion string `json:"goVersion"`
	// UptimeSeconds is since the boot of the machine.
	UptimeSeconds *float64      `json:"uptimeSeconds,omitempty"`
	CPU           SystemCPU     `json:"cpu"`
	Memory        *SystemMemory `json:"memory,omitempty"`
	// Disk is the file system of the data directory.
	Disk         *SystemDisk         `json:"disk,omitempty"`
	Written      *SystemWritten      `json:"written,omitempty"`
	Temperatures []SystemTemperature `json:"temperatures"`
	Clock        SystemClock         `json:"clock"`
	Network      []SystemInterface   `json:"network"`
}

// SystemCPU is what the processors do.
type SystemCPU struct {
	Count int `json:"count"`
	// Used is the busy part of all processors since the last question, or since the boot: 0 to 1.
	Used *float64 `json:"used,omitempty"`
	// Load1, Load5 and Load15 are how many tasks want to run, means over so many minutes.
	Load1  *float64 `json:"load1,omitempty"`
	Load5  *float64 `json:"load5,omitempty"`
	Load15 *float64 `json:"load15,omitempty"`
}

// SystemMemory is in bytes.
type SystemMemory struct {
	Total     int64 `json:"total"`
	Available int64 `json:"available"`
	// Gateway is what the gateway itself has in memory.
	Gateway *int64 `json:"gateway,omitempty"`
}

// SystemDisk is in bytes.
type SystemDisk struct {
	Path  string `json:"path"`
	Total int64  `json:"total"`
	Free  int64  `json:"free"`
	// Device has the file system, such as mmcblk0p2.
	Device string `json:"device,omitempty"`
}

// SystemWritten is what the gateway wrote to disks, in bytes.
type SystemWritten struct {
	Since time.Time `json:"since"`
	Bytes int64     `json:"bytes"`
	// PerDay is what it comes to in a day at that rate; absent in the first minute.
	PerDay *int64 `json:"perDay,omitempty"`
	// DevicePerDay is that of everybody on the device of the data directory since the boot.
	DevicePerDay *int64 `json:"devicePerDay,omitempty"`
}

// SystemTemperature is what one sensor says.
type SystemTemperature struct {
	Sensor  string  `json:"sensor"`
	Celsius float64 `json:"celsius"`
}

// SystemClock is the time of the gateway.
type SystemClock struct {
	Now time.Time `json:"now"`
	// Synchronised: the kernel says that a time server set it.
	Synchronised bool `json:"synchronised"`
	// Zone is the time zone of the machine.
	Zone string `json:"zone"`
	// OffsetSeconds is how much that is ahead of UTC now.
	OffsetSeconds int `json:"offsetSeconds"`
}

// SystemInterface is a network interface.
type SystemInterface struct {
	Name string `json:"name"`
	Up   bool   `json:"up"`
	// Hardware is its address on the wire.
	Hardware  string   `json:"hardware,omitempty"`
	Addresses []string `json:"addresses"`
	// Received and Sent count bytes since the boot.
	Received *int64 `json:"received,omitempty"`
	Sent     *int64 `json:"sent,omitempty"`
}

// Machine is asked about the machine.
type Machine interface {
	// System is how it is now. It reads small files of the kernel, never the network.
	System() System
}
