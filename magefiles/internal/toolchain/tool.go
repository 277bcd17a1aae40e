package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// Tool is a program of scripts/tools that is compiled once for each content of its module, and kept for all processes and
// repositories of a user.
type Tool struct {
	Name   string // of its directory below scripts/tools
	Module Module
	Bin    string // directory that keeps it
	Takes  string // how long compiling takes, for people
}

// Path returns the path of the tool, whether it exists or not.
func (t Tool) Path() (string, error) {
	pins, err := os.ReadFile(filepath.Join(t.Module.Dir, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("reading the module of %s: %w", t.Name, err)
	}
	sum := sha256.Sum256(pins)
	return filepath.Join(t.Bin, t.Name+"-"+hex.EncodeToString(sum[:6])), nil
}

// Ensure returns the tool's path, and compiles it before where it is missing; of several processes one does. remedy is for
// when that fails.
func (t Tool) Ensure(ctx context.Context, say Say, remedy string) (string, error) {
	path, err := t.Path()
	if err != nil {
		return "", err
	}
	starting := func() {
		say("compiling %s from its pinned Go module into %s, once; this takes %s", t.Name, t.Bin, t.Takes)
	}
	return path, t.Module.Keep(ctx, path, starting, remedy)
}
