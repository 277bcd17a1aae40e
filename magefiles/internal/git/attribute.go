package git

import (
	"context"
	"fmt"
)

// Attribute returns the value of an attribute of files in a directory (gitattributes(5)), by their names in it.
func Attribute(ctx context.Context, dir, attribute string, names []string) (map[string]string, error) {
	fields, err := repository{dir: dir}.listNul(ctx, append([]string{"check-attr", "-z", attribute, "--"}, names...)...)
	if err != nil {
		return nil, fmt.Errorf("reading git's attribute %s: %w", attribute, err)
	}
	values := make(map[string]string, len(names))
	for i := 0; i+2 < len(fields); i += 3 { // path, attribute, value
		values[fields[i]] = fields[i+2]
	}
	return values, nil
}
