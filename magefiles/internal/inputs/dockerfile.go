package inputs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// dockerfile notes the Dockerfile's content, and the images that the stages of the target start from or copy from.
func (c *collector) dockerfile(image plan.Image) {
	content, err := c.read(image.Dockerfile)
	if err != nil {
		c.dontKnow("%s cannot be read", image.Dockerfile)
		return
	}
	c.add("dockerfile content", c.content(image.Dockerfile, content))
	if syntax, _, _, ok := parser.DetectSyntax(content); ok {
		c.base(syntax)
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		c.dontKnow("%s does not parse", image.Dockerfile)
		return
	}
	stages, args, err := instructions.Parse(parsed.AST, linter.New(&linter.Config{SkipAll: true}))
	if err != nil {
		c.dontKnow("%s has an instruction that is not known here", image.Dockerfile)
		return
	}
	s := stageWalk{collector: c, image: image, stages: stages, seen: map[int]bool{}, lex: shell.NewLex(parsed.EscapeToken)}
	s.arguments(args)
	s.visit(s.target())
}

// content identifies a Dockerfile: by what git says of it, so that another revision's can be compared, or by its own sum.
func (c *collector) content(path string, content []byte) string {
	for _, f := range c.tree.Files {
		if f.Path == path {
			return f.ID
		}
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// base notes an image; one that is named by digest is always the same, and part of the Dockerfile.
func (c *collector) base(name string) {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		c.dontKnow("%q is no name of an image", name)
		return
	}
	if _, pinned := named.(reference.Digested); !pinned {
		c.bases = append(c.bases, reference.TagNameOnly(named).String())
	}
}

// stageWalk goes through the stages that a target consists of.
type stageWalk struct {
	*collector
	image  plan.Image
	stages []instructions.Stage
	seen   map[int]bool
	lex    *shell.Lex
	env    []string // what FROM may use
}

// arguments gives the arguments before the first stage their values, of which the configuration's come first.
func (s *stageWalk) arguments(args []instructions.ArgCommand) {
	for _, arg := range args {
		for _, pair := range arg.Args {
			value, given := s.image.Args[pair.Key]
			if !given && pair.Value != nil {
				expanded, _, err := s.lex.ProcessWord(*pair.Value, shell.EnvsFromSlice(s.env))
				value, given = expanded, err == nil
			}
			if given {
				s.env = append(s.env, pair.Key+"="+value)
			}
		}
	}
}

// target is the index of the stage to build, the last one by default.
func (s *stageWalk) target() int {
	if s.image.Target == "" {
		return len(s.stages) - 1
	}
	return s.find(s.image.Target, len(s.stages))
}

// find gives the stage of a name or number among the first few, -1 where it is none.
func (s *stageWalk) find(name string, before int) int {
	for i := before - 1; i >= 0; i-- {
		if strings.EqualFold(s.stages[i].Name, name) {
			return i
		}
	}
	if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < before {
		return i
	}
	return -1
}

func (s *stageWalk) visit(i int) {
	if i < 0 || s.seen[i] {
		return
	}
	s.seen[i] = true
	stage := s.stages[i]
	result, err := s.lex.ProcessWordWithMatches(stage.BaseName, shell.EnvsFromSlice(s.env))
	if err != nil || ofBuilder(result.Unmatched) {
		s.dontKnow("FROM %s depends on what the builder is", stage.BaseName)
		return
	}
	s.from(result.Result, i)
	for _, command := range stage.Commands {
		s.command(command, i)
	}
}

// ofBuilder reports whether one of the variables is an argument that BuildKit sets (docs.docker.com/reference/dockerfile,
// "Automatic platform ARGs in the global scope").
func ofBuilder(variables map[string]struct{}) bool {
	for name := range variables {
		switch name {
		case "BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT",
			"TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE":
			return true
		}
	}
	return false
}

func (s *stageWalk) command(command instructions.Command, stage int) {
	switch command := command.(type) {
	case *instructions.CopyCommand:
		s.from(command.From, stage)
	case *instructions.RunCommand:
		for _, mount := range instructions.GetMounts(command) {
			s.from(mount.From, stage)
		}
	case *instructions.AddCommand:
		if command.Checksum == "" && slices.ContainsFunc(command.SourcePaths, isRemote) {
			s.dontKnow("ADD of an address without --checksum may give something else each time")
		}
	}
}

// from notes what another stage, a named context, or else an image gives.
func (s *stageWalk) from(name string, stage int) {
	switch {
	case name == "" || name == "scratch" || s.isContext(name):
	case strings.Contains(name, "$"):
		s.dontKnow("%s depends on what the builder is", name)
	default:
		if i := s.find(name, stage); i >= 0 {
			s.visit(i)
			return
		}
		s.base(name)
	}
}

// isContext reports whether a name is that of a named context or of a needed component, noted elsewhere. Contexts stand in for images by
// any of their names.
func (s *stageWalk) isContext(name string) bool {
	for context := range s.image.Contexts {
		if normal(context) == normal(name) {
			return true
		}
	}
	return slices.ContainsFunc(s.image.Needs, func(need plan.Image) bool { return need.Component == name })
}

func normal(name string) string {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return name
	}
	return reference.TagNameOnly(named).String()
}

// isRemote tells sources of ADD that are fetched (docs.docker.com/reference/dockerfile, "ADD").
func isRemote(source string) bool {
	return strings.Contains(source, "://") || strings.HasPrefix(source, "git@")
}
