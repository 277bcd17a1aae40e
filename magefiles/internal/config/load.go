package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
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
// path is only named in messages. Its error is a problem.Problem or, for several mistakes, Problems: all have exit code 2
// and a place.
func Parse(path string, data []byte) (*Config, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	return (&decoder{text: newText(path, data), renames: renames()}).parse(path, data)
}

func (d *decoder) parse(path string, data []byte) (*Config, error) {
	d.tokens()
	root, syntax := parseYAML(d.text, data)
	if syntax != nil {
		return nil, append(d.problems, syntax).err()
	}
	d.hiddenTokens(root)
	file := d.file(value{Node: resolve(root)})
	file.setDefaults()
	if len(d.problems) == 0 { // the rules over several keys need each of them right
		d.needs(&file.Config)
		d.samples(&file.Config)
		d.branches(&file.Config)
		d.promotions(&file.Config)
		d.entryComponents(&file.Config)
		presentName(d, file)
	}
	if err := d.problems.err(); err != nil {
		return nil, err
	}
	file.Path, file.text = path, d.text
	return &file.Config, nil
}
