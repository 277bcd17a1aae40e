package prepare

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// UnmatchedError is a pattern that no file matches: a mistyped one would ignore nothing, or the wrong files once they are
// there.
type UnmatchedError struct{ config.Pattern }

// Error names the pattern.
func (e *UnmatchedError) Error() string { return fmt.Sprintf("no tracked file matches %q", e.Text) }

// Key identifies everything that the commands may make files from, as a hexadecimal SHA-256: the commands themselves, the
// values of the variables that the configuration names, and the files, less those that it ignores. lookup returns a
// variable of the commands' environment. The error is an UnmatchedError, or a pattern that does not parse.
func Key(p config.Prepare, files []worktree.Entry, lookup func(name string) (value string, ok bool)) (string, error) {
	ignored, err := ignore(p.Ignore, files)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	note := func(kind string, values ...string) { // quoted, so that no value looks like two
		for _, value := range values {
			kind += " " + strconv.Quote(value)
		}
		sum.Write([]byte(kind + "\n"))
	}
	note("prepare 1")
	note("run", p.Run...)
	for _, name := range slices.Sorted(slices.Values(p.Env)) {
		if value, ok := lookup(name); ok {
			note("env", name, value)
		} else {
			note("no env", name)
		}
	}
	for i, file := range files {
		if !ignored[i] {
			note("file", file.Path, file.Mode.String(), file.Link, file.Digest.String())
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// ignore tells which files the patterns ignore, by their index. Directories are left to what is in them.
func ignore(patterns []config.Pattern, files []worktree.Entry) ([]bool, error) {
	for _, pattern := range patterns {
		if err := matches(pattern, files); err != nil {
			return nil, err
		}
	}
	ignored := make([]bool, len(files))
	matcher, err := matcherOf(patterns)
	for i := 0; i < len(files) && err == nil; i++ {
		ignored[i], err = matcher.MatchesOrParentMatches(files[i].Path)
	}
	return ignored, err
}

// Counted returns the names of files that patterns do not ignore.
func Counted(patterns []config.Pattern, names []string) (counted []string, err error) {
	matcher, err := matcherOf(patterns)
	for i := 0; i < len(names) && err == nil; i++ {
		var ignored bool
		if ignored, err = matcher.MatchesOrParentMatches(names[i]); !ignored {
			counted = append(counted, names[i])
		}
	}
	return counted, err
}

func matcherOf(patterns []config.Pattern) (*patternmatcher.PatternMatcher, error) {
	texts := make([]string, len(patterns))
	for i, pattern := range patterns {
		texts[i] = pattern.Text
	}
	return patternmatcher.New(texts)
}

// matches wants a file that a pattern is about, whether it takes it out or in again.
func matches(pattern config.Pattern, files []worktree.Entry) error {
	matcher, err := patternmatcher.New([]string{strings.TrimPrefix(pattern.Text, "!")})
	if err != nil {
		return err
	}
	for _, file := range files {
		matched, err := matcher.MatchesOrParentMatches(file.Path)
		if err != nil || matched && !file.Mode.IsDir() {
			return err
		}
	}
	return &UnmatchedError{pattern}
}
