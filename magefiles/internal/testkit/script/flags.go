// Package script reads from scripts/mage how it compiles the targets, so that tests and measurements run the programs that people run.
package script

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// assignment is the line of scripts/mage that says it.
var assignment = regexp.MustCompile(`(?m)^flags='([^'\n]+)'$`)

// linkAssignment matches the script's assignment of their linker flags.
var linkAssignment = regexp.MustCompile(`-ldflags '([^'\n]+)'`)

// tags is the flag among them that decides which files are compiled.
var tags = regexp.MustCompile(`-tags=\S+`)

// Tags is the flag of Flags for the build tags alone, for callers with compiler flags of their own.
func Tags(root string) (string, error) {
	flags, err := Flags(root)
	return tags.FindString(flags), err
}

// Flags is the GOFLAGS (`go help environment`) of scripts/mage in the checkout at root: with build tags that leave out what
// no target uses.
func Flags(root string) (string, error) { return find(root, assignment, "flags='…'") }

// LinkFlags returns the flags that scripts/mage hands to the linker.
func LinkFlags(root string) (string, error) { return find(root, linkAssignment, "-ldflags '…'") }

func find(root string, what *regexp.Regexp, shown string) (string, error) {
	script, err := os.ReadFile(filepath.Join(root, "scripts", "mage"))
	if err != nil {
		return "", fmt.Errorf("reading the entry script: %w", err)
	}
	found := what.FindSubmatch(script)
	if found == nil {
		return "", errors.New("reading scripts/mage: no " + shown + " in it")
	}
	return string(found[1]), nil
}
