package config

import (
	"strings"

	"github.com/tonistiigi/go-csvvalue"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// CacheMode says of which steps a cache keeps the results.
type CacheMode string

// The modes.
const (
	CacheMin CacheMode = "min" // those that the image consists of
	CacheMax CacheMode = "max" // all, also of other stages
)

// Cache is the place of build steps for machines that have not run them. The zero value is none.
type Cache struct {
	Image imageref.Repository // repository with a tag for each component and platform, read and written
	Mode  CacheMode           // of Image; CacheMin by default
	From  []CacheEntry        // further ones to read
	To    []CacheEntry        // further ones to write
}

// CacheEntry is one cache in the form of docker build's --cache-from and --cache-to.
type CacheEntry struct {
	Type  string            // registry, local, gha, s3, azblob, inline
	Attrs map[string]string // as BuildKit's README lists them for the type
}

func (c Cache) isZero() bool { return c.Image.IsZero() && len(c.From) == 0 && len(c.To) == 0 }

func decodeCache(d *yamlschema.Decoder, into *Cache) yamlschema.Decode {
	return func(v yamlschema.Value) {
		seen := d.Mapping(v.Node, v,
			yamlschema.Optional("image", "Repository that has a tag for each component and platform, read and written; without a tag.",
				"none",
				yamlschema.Parsed(d, &into.Image, grammar.ImageName)),
			yamlschema.Optional("mode", "Of which steps `image` keeps the results: `min` is those that the image consists of, `max` "+
				"all, also of other stages.",
				string(CacheMin), yamlschema.Choice(d, &into.Mode, CacheMin, CacheMax)),
			yamlschema.Optional("from", "Further caches to read, as in docker build --cache-from; one, or a list.", "none",
				decodeCacheEntries(d, &into.From)),
			yamlschema.Optional("to", "Further caches to write, as in docker build --cache-to; one, or a list.", "none",
				decodeCacheEntries(d, &into.To)),
		)
		if seen["mode"] && !seen["image"] {
			d.ReportAt(v.Node, "write `image:` beside it, or `mode=max` in `to`", "%s.mode has no effect without `image`", v.Path)
		}
		if into.Mode == "" && !into.Image.IsZero() {
			into.Mode = CacheMin
		}
	}
}

func decodeCacheEntries(d *yamlschema.Decoder, into *[]CacheEntry) yamlschema.Decode {
	return d.List(true, func(v yamlschema.Value) {
		text, ok := d.StringValue(v, grammar.Command)
		if !ok {
			return
		}
		entry, flaw := cacheEntry(text)
		if flaw != nil {
			d.ReportAt(v.Node, flaw.Remedy, "%s %s", v.Path, flaw.What)
			return
		}
		*into = append(*into, entry)
	})
}

const cacheExample = "write e.g. type=registry,ref=ghcr.io/acme/cache:core,mode=max"

// cacheEntry reads key=value pairs; a reference alone is a registry, as docker build has it.
func cacheEntry(text string) (CacheEntry, *yamlschema.Flaw) {
	fields, err := csvvalue.Fields(text, nil)
	if err != nil {
		return CacheEntry{}, yamlschema.Flawf(cacheExample, "is %q, which does not parse: %v", text, err)
	}
	if len(fields) == 1 && !strings.Contains(fields[0], "=") {
		return CacheEntry{Type: "registry", Attrs: map[string]string{"ref": fields[0]}}, nil
	}
	entry := CacheEntry{Attrs: map[string]string{}}
	for _, field := range fields {
		key, value, ok := strings.Cut(field, "=")
		if !ok {
			return CacheEntry{}, yamlschema.Flawf(cacheExample, "is %q, in which %q is not key=value", text, field)
		}
		if key = strings.ToLower(strings.TrimSpace(key)); key == "type" {
			entry.Type = value
		} else {
			entry.Attrs[key] = value
		}
	}
	switch entry.Type {
	case "registry", "local", "gha", "s3", "azblob", "inline":
		return entry, nil
	case "":
		return CacheEntry{}, yamlschema.Flawf(cacheExample, "is %q, which names no type", text)
	}
	return CacheEntry{}, yamlschema.Flawf("use one of registry, local, gha, s3, azblob, inline", "is %q, whose type %q is not known", text,
		entry.Type)
}
