package line

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidegate/tidegate/gateway"
)

// miniUART is the second serial port of a Raspberry Pi, made by the same name for the device tree and the driver. It has neither
// parity nor a second stop bit, and Linux does not say so: with either, each character is simply wrong.
const miniUART = "bcm2835-aux-uart"

// checkParity refuses what a port of the file system under root cannot do.
func checkParity(root string, a Address) error {
	if a.Parity == NoParity || !isMiniUART(root, a.Path) {
		return nil
	}
	return gateway.FieldErrorf("url", "%s is the mini UART of a Raspberry Pi, which has no parity: use the other port (/dev/ttyAMA0; "+
		"dtoverlay=disable-bt in config.txt gives it to you) or a USB adapter, or set the device to no parity", a.Path)
}

func isMiniUART(root, path string) bool {
	if target, err := filepath.EvalSymlinks(filepath.Join(root, path)); err == nil {
		path = target
	}
	place, err := filepath.EvalSymlinks(filepath.Join(root, "sys/class/tty", filepath.Base(path), "device"))
	if err != nil {
		return false
	}
	const levels = 4 // newer kernels have two more between port and chip
	for range levels {
		compatible, _ := os.ReadFile(filepath.Join(place, "of_node/compatible")) // most places have none
		driver, _ := os.Readlink(filepath.Join(place, "driver"))
		if bytes.Contains(compatible, []byte(miniUART)) || strings.HasSuffix(driver, miniUART) {
			return true
		}
		place = filepath.Dir(place)
	}
	return false
}
