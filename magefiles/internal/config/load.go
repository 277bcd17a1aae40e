package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Load reads and parses the file at path. A missing file is wrong usage (exit code 2); see Parse for the other errors.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, problem.New(problem.Usage,
			"run this in the root of the application repository, or write "+FileName+" there",
			"reading the configuration: %w", err).At(problem.Place{File: path})
	case err != nil:
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(path, data)
}

// Parse decodes, defaults and validates data, which is UTF-8 with or without a byte order mark and with any line ends;
// path is only named in messages. Its error is a problem.Problem or, for several mistakes, yamlschema.Problems: all have exit code 2
// and a place.
func Parse(path string, data []byte) (*Config, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	return parseWithRenames(path, data, knownRenames())
}

func parseWithRenames(path string, data []byte, renames []yamlschema.Rename) (*Config, error) {
	d := yamlschema.New(path, data, fileFormat(renames))
	root, err := d.Root()
	if err != nil {
		return nil, err
	}
	file := decodeFile(d, root)
	file.setDefaults()
	if d.Count() == 0 { // the rules over several keys need each of them right
		resolveImages(d, file)
	}
	if d.Count() == 0 {
		checkNeeds(d, &file.Config)
		checkSamples(d, &file.Config)
		checkBranches(d, &file.Config)
		checkPromotions(d, &file.Config)
		checkEntryComponents(d, &file.Config)
		checkPresentName(d, file)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	file.Path, file.text = path, d.Text()
	return &file.Config, nil
}

// fileFormat returns the texts about this file for messages.
func fileFormat(renames []yamlschema.Rename) yamlschema.Format {
	return yamlschema.Format{
		Renames:       renames,
		EmptyRemedy:   "start with `version: 1`; astrago-ci/docs/configuration.md shows a whole file",
		SecretRemedy:  useSecrets,
		MissingRemedy: missingRemedy,
		NoValueRemedy: func(path, key string) string {
			if strings.HasPrefix(path, "components.") && strings.Count(path, ".") == 1 {
				return fmt.Sprintf("write `%s: {}` for a component with all defaults", key)
			}
			return ""
		},
	}
}

// knownRenames lists them, oldest first. None has been renamed so far; a version that does adds a line here, and a change in what
// a key means gets a name of its own.
func knownRenames() []yamlschema.Rename { return nil }
