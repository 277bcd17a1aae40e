// Package config turns astrago.yaml into a Config: strict decoding, defaults in one place, and validation whose errors
// name the file, line and column. It does no network or process I/O and holds no secret.
package config

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// FileName is the configuration's name in the root of the application repository.
const FileName = "astrago.yaml"

// defaultTag is the tag template where the file sets none.
const defaultTag = "{{ .Component }}-{{ .Environment }}-{{ .ShortSHA }}"

// Config is a decoded, defaulted and validated astrago.yaml.
type Config struct {
	Path         string // the file it was read from, as given to Load, for messages
	Version      int
	Service      string
	Formerly     []string      // earlier names of the service and of its repository, whose values are its own
	Prepare      Prepare       // what makes files that images are built from
	Output       Output        // where a build leaves its images
	Load         Loader        // where `mage build` makes them usable
	Components   []Component   // in the order of the file
	Environments []Environment // in the order of the file
	Notify       []Notify      // subscribers of environments without their own
	Notes        Notes         // how what a deployment brings is written

	text *yamlschema.Text // what Place quotes; nil in a Config that was not parsed
}

// Place is a position in the file, with the lines around it; without a line it is the file alone.
func (c *Config) Place(line, column int) problem.Place {
	if c.text == nil || line == 0 {
		return problem.Place{File: c.Path, Line: line, Column: column}
	}
	return c.text.Place(line, column)
}

// Environment is a place that the service is deployed to.
type Environment struct {
	Name     string
	Branches []string          // globs (path.Match, where ** also crosses slashes) of branches that deploy here; none: only -env
	Tags     []string          // globs of tags that deploy here, as Branches has them
	Deploy   []Deploy          // what a bump sets, at least one; the file may give one mapping or a list
	From     string            // the environment that it is promoted from; "" where only -from names one
	Hold     Hold              // what ends the hold that a rollback leaves
	ArgoCD   []ArgoCD          // the applications that deploy it; none where nothing is awaited
	Notify   []Notify          // its subscribers
	Mirrors  map[string]string // under what names the cluster pulls: a registry or repository prefix by the one that images are pushed to
	Line     int               // where its name stands in the file
	Column   int

	fromLine, fromColumn int // where From stands
	image                image
	images               map[component.Name]imageref.Repository // by component
}

// Deploy is one file of a deployment repository and the expressions that set this service's tags in it.
type Deploy struct {
	Repository  string // owner/name on the GitHub of GITHUB_API_URL
	Branch      string
	File        string           // slash-separated path in that repository
	Set         []Template       // yq expressions, one run of all of them per component
	Components  []component.Name // those that the file has; empty: all
	Create      bool             // Set may add a missing key to a map that exists; else a missing key is an error
	Shared      bool             // Set may set what aliases repeat elsewhere; all places change
	API         API              // which of GitHub's interfaces commits
	Diverged    Divergence       // what to do where the deployed commit is on another line of history
	Unchanged   Unchanged        // what becomes of values whose image is the deployed one
	Mode        Mode             // how the change gets onto the branch
	PullRequest PullRequest      // of ModePullRequest
	Message     Template         // of the commit's subject; without text the default subject is used
	Checks      []Check          // what must still render with the change
	Line        int              // where its mapping starts in the file
	Column      int

	componentsLine, componentsColumn int // where Components stand
}

// Hold says what ends the hold that a rollback puts on an environment.
type Hold struct {
	Until HoldUntil
}

// HoldUntil is the condition that ends a hold. A person may always end it with `mage hold -lift`.
type HoldUntil string

// The ends.
const (
	HoldUntilNewer HoldUntil = "newer" // a build that descends from the rejected one
	HoldUntilLift  HoldUntil = "lift"  // nothing but a person
)
