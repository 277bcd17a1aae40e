package project

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// shebangPattern is the first line of a script for a shell that shellcheck knows.
var shebangPattern = regexp.MustCompile(`^#!\S*[/ ](?:env )?(?:ba|da)?sh\b`)

// shellScripts are the shell scripts among this repository's files: by their names, or by their first lines.
func (c checkout) shellScripts(ctx context.Context) ([]string, error) {
	listed, err := exec.CommandContext(ctx, "git", "-C", c.dir, "ls-files", "-z").Output()
	if err != nil {
		return nil, fmt.Errorf("listing the scripts: %w", err)
	}
	var found []string
	for name := range bytes.SplitSeq(bytes.TrimSuffix(listed, []byte{0}), []byte{0}) {
		path := string(name)
		if strings.HasSuffix(path, ".sh") || shebangPattern.Match(c.fileStart(path)) {
			found = append(found, path)
		}
	}
	return found, nil
}

// fileStart is enough of a file for its first line; nothing of one that cannot be read, such as one that was deleted.
func (c checkout) fileStart(path string) []byte {
	file, err := os.Open(filepath.Join(c.dir, path))
	if err != nil {
		return nil
	}
	defer file.Close()
	line := make([]byte, 64)
	n, _ := file.Read(line)
	return line[:n]
}

// workflowExpression is GitHub's own within a step, which stands for text that no shell reads as a command.
var workflowExpression = regexp.MustCompile(`\$\{\{.*?\}\}`)

// actionSteps writes the shell steps of the composite actions into a directory, a file each: actionlint reads workflows only.
func (c checkout) actionSteps(dir string) ([]string, error) {
	var written []string
	for _, path := range c.findFiles(".github/actions/*/action.yml") {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading an action: %w", err)
		}
		var action struct {
			Runs struct {
				Steps []struct{ ID, Shell, Run string }
			}
		}
		if err := yaml.Unmarshal(data, &action); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		for i, step := range action.Runs.Steps {
			if step.Shell != "bash" && step.Shell != "sh" {
				continue
			}
			name := filepath.Join(dir, fmt.Sprintf("%s-step-%d-%s.%s", filepath.Base(filepath.Dir(path)), i+1, step.ID, step.Shell))
			text := "#!/usr/bin/env " + step.Shell + "\n" + workflowExpression.ReplaceAllString(step.Run, "expression") + "\n"
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				return nil, fmt.Errorf("writing a step: %w", err)
			}
			written = append(written, name)
		}
	}
	return written, nil
}
