package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// databaseVariable names the variable with another source of govulncheck's database than vuln.go.dev: a mirror, or file:///DIR.
const databaseVariable = "GOVULNDB"

// Audit looks for known holes (govulncheck, vuln.go.dev) in what the targets compile, and in each tool of scripts/tools. It
// reports all that it finds.
func Audit(ctx context.Context) error {
	c, err := openCheckout()
	if err != nil {
		return err
	}
	govulncheck, err := c.compileTool(ctx, "govulncheck", "golang.org/x/vuln/cmd/govulncheck")
	if err != nil {
		return err
	}
	audits, err := c.auditArguments()
	if err != nil {
		return err
	}
	database := os.Getenv(databaseVariable) //nolint:forbidigo // these chores are no part of what consumers run
	return c.runAudits(ctx, govulncheck, database, audits)
}

// vulnerabilitiesFound is govulncheck's exit code where it has found some.
const vulnerabilitiesFound = 3

// runAudits runs govulncheck with each list of arguments. Where it cannot tell for one, such as without its database, it could not
// for the others.
func (c checkout) runAudits(ctx context.Context, govulncheck, database string, audits [][]string) error {
	command := []string{govulncheck}
	if database != "" {
		command = append(command, "-db="+database)
	}
	found := 0
	for _, audit := range audits {
		// Without the build tags of scripts/mage: stock mage compiles what they leave out.
		err := c.run(ctx, []string{"GOFLAGS=-buildvcs=false"}, slices.Concat(command, audit)...)
		exit, exited := errors.AsType[*exec.ExitError](err)
		switch {
		case err == nil:
		case exited && exit.ExitCode() == vulnerabilitiesFound:
			found++
		case ctx.Err() != nil:
			return err
		default:
			return problem.New(problem.Failed, "let this machine reach https://vuln.go.dev, or set "+databaseVariable+" to a mirror of "+
				"it, or to a copy: file:///DIR with its index/ and ID/",
				"looking for known holes in %s: nothing is known: %w", audit[len(audit)-1], err)
		}
	}
	if found > 0 {
		return problem.New(problem.Failed, "raise the modules that it names in go.mod, or in that of the tool",
			"looking for known holes: %d of %d programs have some", found, len(audits))
	}
	return nil
}

// toolLine is a command that a module of scripts/tools pins.
var toolLine = regexp.MustCompile(`(?m)^(?:tool\s+|\t)([\w.-]+(?:/[\w.-]+)+)$`)

// auditArguments are govulncheck's arguments: for the targets, and for each command that a module of its own pins.
func (c checkout) auditArguments() ([][]string, error) {
	all := [][]string{{"./..."}}
	for _, file := range c.findFiles("scripts/tools/*/go.mod") {
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
