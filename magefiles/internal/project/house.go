package project

import (
	"os"

	"github.com/xiilab/astrago-ci/magefiles/internal/tools/house"
)

// House measures this checkout's code.
func House() error {
	c, err := openCheckout()
	if err != nil {
		return err
	}
	report, err := house.Measure(c.dir)
	if err != nil {
		return err
	}
	return report.Print(os.Stdout)
}
