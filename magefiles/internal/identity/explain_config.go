package identity

import (
	"encoding/json"
	"strings"
)

// imageConfig is the part of an image's configuration that messages explain.
type imageConfig struct {
	fields  map[string]string // Cmd, Entrypoint, User, …, as JSON
	labels  map[string]string
	env     map[string]string
	args    map[string]string // from the history
	history []string          // instructions without those of args
}

func (p Platform) parseConfig() imageConfig {
	var parsed struct {
		Config  map[string]json.RawMessage `json:"config"`
		History []struct {
			CreatedBy string `json:"created_by"`
		} `json:"history"`
	}
	_ = json.Unmarshal(p.Config, &parsed) // absent parts are not shown
	c := imageConfig{fields: map[string]string{}, labels: map[string]string{}, env: map[string]string{}, args: map[string]string{}}
	for name, value := range parsed.Config {
		switch name {
		case "Labels":
			_ = json.Unmarshal(value, &c.labels)
		case "Env":
			var env []string
			_ = json.Unmarshal(value, &env)
			addPairs(c.env, env...)
		default:
			c.fields[name] = string(value)
		}
	}
	for _, step := range parsed.History {
		if declared, isArg := strings.CutPrefix(step.CreatedBy, "ARG "); isArg {
			addPairs(c.args, declared)
		}
		c.history = append(c.history, step.CreatedBy)
	}
	return c
}

func addPairs(into map[string]string, pairs ...string) {
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		into[name] = value
	}
}

func (p Platform) imageEnv() map[string]string { return p.parseConfig().env }

// compareConfig adds what differs in the image's configuration.
func (r *reasonList) compareConfig(before, after Platform) {
	was, is := before.parseConfig(), after.parseConfig()
	r.addChanges("label", was.labels, is.labels)
	r.addChanges("environment variable", was.env, is.env)
	r.addChanges("argument", was.args, is.args)
	r.addChanges("setting", was.fields, is.fields)
	if len(*r) == 0 && strings.Join(was.history, "\n") != strings.Join(is.history, "\n") {
		r.addReason("the image's history changed")
	}
}
