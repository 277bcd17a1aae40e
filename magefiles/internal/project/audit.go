package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Audit looks for known holes (govulncheck, vuln.go.dev) in what the targets compile, and in each tool of scripts/tools. It
// reports all that it finds.
func Audit(ctx context.Context) error {
	c, err := open()
	if err != nil {
		return err
	}
	govulncheck, err := c.tool(ctx, "govulncheck", "golang.org/x/vuln/cmd/govulncheck")
	if err != nil {
		return err
	}
	audits, err := c.audits()
	if err != nil {
		return err
	}
	var errs []error
	for _, audit := range audits {
		errs = append(errs, c.run(ctx, nil, append([]string{govulncheck}, audit...)...))
	}
	return errors.Join(errs...)
}

// toolLine is a command that a module of scripts/tools pins.
var toolLine = regexp.MustCompile(`(?m)^(?:tool\s+|\t)([\w.-]+(?:/[\w.-]+)+)$`)

// audits are govulncheck's arguments: for the targets, and for each command that a module of its own pins.
func (c checkout) audits() ([][]string, error) {
	all := [][]string{{"./..."}}
	for _, file := range c.find("scripts/tools/*/go.mod") {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading what the tools are: %w", err)
		}
		requirements, _, _ := strings.Cut(string(text), "\nrequire")
		tools := toolLine.FindAllStringSubmatch(requirements, -1)
		if len(tools) == 0 {
			return nil, fmt.Errorf("reading what the tools are: %s has no line `tool`", file)
		}
		for _, tool := range tools {
			all = append(all, []string{"-C", filepath.Dir(file), tool[1]})
		}
	}
	return all, nil
}
