package plan

import "regexp"

// Annotations of an image's manifest, or of its index where it has several platforms, by which a later release knows what it
// is made of. All are hexadecimal SHA-256 sums, and also are labels in the configurations of the image: what these do not say, too, is
// not believed.
const (
	// KeyAnnotation names exactly what the image was built from (package identity).
	KeyAnnotation = "com.github.xiilab.astrago-ci.key"
	// PrepareKeyAnnotation names what that was made from by the commands of `prepare`, and is absent where there are none.
	PrepareKeyAnnotation = "com.github.xiilab.astrago-ci.prepare-key"
)

// RecordAnnotation is that of a copy of an image's manifest or index, under PrepareKeyTag of its value: what a run has found the image
// to be after it was built. No label can say that.
const RecordAnnotation = "com.github.xiilab.astrago-ci.record"

// keyTagDigits are the digits of a key that a tag holds: a tag has at most 128 characters.
const keyTagDigits = 40

// KeyTag is the tag under which an image is found by its key, beside its own. It may move to another image of the same key.
func KeyTag(key string) string { return "key1-" + key[:min(keyTagDigits, len(key))] }

// PrepareKeyTag is the tag under which an image is found before the commands of `prepare` have run.
func PrepareKeyTag(key string) string { return "keyp1-" + key[:min(keyTagDigits, len(key))] }

// reservedPrefix begins the tags of keys in every version, and those that 0.1.0 put: they move, and so no image's own does.
var reservedPrefix = regexp.MustCompile(`^(?:keyp?[0-9]+|inputs)-`)
