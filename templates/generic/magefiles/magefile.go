//go:build mage

// The mage targets of this repository: the shared ones of ci/, and your own beside them.
package main

import (
	// mage:import
	_ "github.com/xiilab/astrago-ci/magefiles/targets"
)
