// Package hold is the file that stands beside the values of a service in an environment: which components are held as they are,
// and which later commits were released with the image of an earlier tag.
package hold

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/opencontainers/go-digest"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// Hold keeps one component of a service in one environment as it is; a component may have several, each against another
// build. It stands in a file of the branch that it is about:
// so it is written in the same commit as the rollback that it belongs to, read in the same request as the values, and
// never older than they are. Commit messages cannot give that: a render bot buries them, and a query for "the newest
// message that says so" has to walk the whole history to say no.
type Hold struct {
	Component component.Name   `yaml:"component"`
	Rejected  commitid.ID      `yaml:"rejected,omitempty"` // commit of the application repository, as much as is known of it
	Tag       string           `yaml:"tag,omitempty"`      // of the rejected build; empty where the component was frozen by hand
	Digest    digest.Digest    `yaml:"digest,omitempty"`   // of the rejected image; empty in files of before it was recorded
	Key       string           `yaml:"key,omitempty"`      // of what the rejected image was built from, where it says that
	Until     config.HoldUntil `yaml:"until"`
	Reason    string           `yaml:"reason,omitempty"`
	By        string           `yaml:"by,omitempty"` // its author, where that is not the commit's
	Since     time.Time        `yaml:"since"`
	Run       string           `yaml:"run,omitempty"` // address of the workflow run
}

// IsFrozen reports whether nothing was rejected and a person wants no change at all.
func (h Hold) IsFrozen() bool { return h.Rejected == "" && h.Tag == "" }

// IsAbout reports whether two holds are against the same build of the same component, or both freeze it.
func (h Hold) IsAbout(other Hold) bool {
	return h.Component == other.Component && h.Rejected == other.Rejected && h.Tag == other.Tag
}

// isSame reports whether two holds differ in nothing but their person and time.
func (h Hold) isSame(other Hold) bool {
	h.By, h.Since, h.Run = other.By, other.Since, other.Run
	return h == other
}

// File is the file's document.
type File struct {
	Holds []Hold `yaml:"holds,omitempty"`
	Kept  []Kept `yaml:"kept,omitempty"`
}

// Parse reads a file of holds. What it does not understand is an error: a guard that guesses guards nothing.
func Parse(data []byte) (File, error) {
	var file File
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithV4Defaults(), yaml.WithKnownFields())
	if err != nil {
		return file, fmt.Errorf("making a YAML parser: %w", err)
	}
	if err := loader.Load(&file); err != nil && !errors.Is(err, io.EOF) {
		return file, err
	}
	if err := loader.Load(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return file, cmp.Or(err, errors.New("the file has more than one document"))
	}
	for _, h := range file.Holds {
		if h.Component == "" {
			return file, errors.New("a hold names no component")
		}
		if h.Digest != "" && h.Digest.Validate() != nil {
			return file, fmt.Errorf("the hold of %q names the digest %q, which is not a digest", h.Component, h.Digest)
		}
		if h.Until != config.HoldUntilNewer && h.Until != config.HoldUntilLift {
			return file, fmt.Errorf("the hold of %q ends at %q, which is neither %q nor %q",
				h.Component, h.Until, config.HoldUntilNewer, config.HoldUntilLift)
		}
	}
	for _, k := range file.Kept {
		if err := k.check(); err != nil {
			return file, err
		}
	}
	return file, nil
}

// Render writes the file. People read it where they look for the reason.
func (f File) Render(environment string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# Written by astrago-ci.")
	if len(f.Holds) > 0 {
		fmt.Fprintf(&b, " Bumps of these components are refused until the hold ends.\n# To end it: mage hold -env=%s -lift", environment)
	}
	if len(f.Kept) > 0 {
		b.WriteString("\n# kept: commits that were released with the image of an earlier tag (deploy.unchanged: keep)")
	}
	b.WriteString("\n")
	data, err := yaml.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("writing the hold: %w", err)
	}
	b.Write(data)
	return b.Bytes(), nil
}
