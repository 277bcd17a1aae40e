package deployment

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Hold keeps one component of a service in one environment as it is; a component may have several, each against another
// build. It stands in a file of the branch that it is about:
// so it is written in the same commit as the rollback that it belongs to, read in the same request as the values, and
// never older than they are. Commit messages cannot give that: a render bot buries them, and a query for "the newest
// message that says so" has to walk the whole history to say no.
type Hold struct {
	Component string           `yaml:"component"`
	Rejected  string           `yaml:"rejected,omitempty"` // commit of the application repository, as much as is known of it
	Tag       string           `yaml:"tag,omitempty"`      // of the rejected build; empty where the component was frozen by hand
	Digest    string           `yaml:"digest,omitempty"`   // of the rejected image; empty in files of before it was recorded
	Key       string           `yaml:"key,omitempty"`      // of what the rejected image was built from, where it says that
	Until     config.HoldUntil `yaml:"until"`
	Reason    string           `yaml:"reason,omitempty"`
	By        string           `yaml:"by,omitempty"` // who asked for it, where that is not the commit's author
	Since     time.Time        `yaml:"since"`
	Run       string           `yaml:"run,omitempty"` // address of the workflow run
}

// frozen: nothing was rejected, a person wants no change at all.
func (h Hold) frozen() bool { return h.Rejected == "" && h.Tag == "" }

// about reports whether two holds are against the same build of the same component, or both freeze it.
func (h Hold) about(other Hold) bool {
	return h.Component == other.Component && h.Rejected == other.Rejected && h.Tag == other.Tag
}

// same reports whether two holds differ in nothing but who put them when.
func (h Hold) same(other Hold) bool {
	h.By, h.Since, h.Run = other.By, other.Since, other.Run
	return h == other
}

// holdFile is the file's document.
type holdFile struct {
	Holds []Hold `yaml:"holds,omitempty"`
	Kept  []Kept `yaml:"kept,omitempty"`
}

// parseHolds reads a file of holds. What it does not understand is an error: a guard that guesses guards nothing.
func parseHolds(data []byte) (holdFile, error) {
	var file holdFile
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
		if h.Until != config.HoldUntilNewer && h.Until != config.HoldUntilLift {
			return file, fmt.Errorf("the hold of %q ends at %q, which is neither %q nor %q", h.Component, h.Until, config.HoldUntilNewer, config.HoldUntilLift)
		}
	}
	for _, k := range file.Kept {
		if k.Component == "" || k.Tag == "" || !commitID.MatchString(k.Source) {
			return file, errors.New("a kept tag lacks its component, its tag or its commit")
		}
	}
	return file, nil
}

// render writes the file. People read it where they look for the reason.
func (f holdFile) render(environment string) ([]byte, error) {
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

// addHolds takes over the bytes of a file of holds; nil where there is none. What held the service under a name that it had before
// holds it now.
func (s *Snapshot) addHolds(path string, data []byte) {
	if data == nil {
		return
	}
	if path == s.holdPath {
		s.held = data
	} else {
		if s.former == nil {
			s.former = map[string][]byte{}
		}
		s.former[path] = data
	}
	file, err := parseHolds(data)
	if err != nil {
		s.holdErr = problem.New(problem.Refused, "repair the file, or lift all that it holds: mage hold -lift",
			"reading the hold: %w", err).At(problem.Place{File: s.place(path)})
		return
	}
	for _, h := range file.Holds {
		if !slices.ContainsFunc(s.Holds, h.about) {
			s.Holds = append(s.Holds, h)
		}
	}
	s.Kept = putKept(file.Kept, s.Kept)
}

// holdPaths are where holds are looked for.
func (s *Snapshot) holdPaths() []string {
	if s.holdPath == "" {
		return nil
	}
	return append([]string{s.holdPath}, s.formers...)
}

// isHeld reports whether a component has a hold.
func isHeld(holds []Hold, component string) bool {
	return slices.ContainsFunc(holds, func(h Hold) bool { return h.Component == component })
}

// describe says since when, by whom, why and for what a component is held.
func (h Hold) describe(by string, now time.Time) string {
	text := h.Component + " is held since " + h.Since.UTC().Format("2006-01-02 15:04 UTC") + " (" + ago(now.Sub(h.Since)) + ")"
	rejected := ", rejecting "
	if by != "" {
		text, rejected = text+" by "+by, ", who rejected "
	}
	switch {
	case h.Tag != "":
		text += rejected + inline(h.Tag)
	case h.Rejected != "":
		text += rejected + "commit " + h.Rejected[:min(8, len(h.Rejected))]
	}
	if h.Reason != "" {
		text += ": " + strings.Join(strings.Fields(h.Reason), " ")
	}
	return text
}
