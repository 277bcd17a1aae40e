// Package script reads from scripts/mage how it compiles the targets, so that what is tested and measured is what people run.
package script

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	astragoci "github.com/xiilab/astrago-ci"
)

// assignment is the line of scripts/mage that says it.
var assignment = regexp.MustCompile(`(?m)^flags='([^'\n]+)'$`)

// tags is the flag among them that decides which files are compiled.
var tags = regexp.MustCompile(`-tags=\S+`)

// Tags is the flag of Flags for the build tags alone, for who compiles with flags of its own.
func Tags() (string, error) {
	flags, err := Flags()
	return tags.FindString(flags), err
}

// Flags is the GOFLAGS (`go help environment`) of scripts/mage: with build tags that leave out what no target uses.
func Flags() (string, error) {
	script, err := os.ReadFile(filepath.Join(astragoci.SourceDir(), "scripts", "mage"))
	if err != nil {
		return "", fmt.Errorf("reading the entry script: %w", err)
	}
	found := assignment.FindSubmatch(script)
	if found == nil {
		return "", errors.New("reading scripts/mage: no line flags='…' in it")
	}
	return string(found[1]), nil
}
