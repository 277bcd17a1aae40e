package sample

import "reflect"

// Hostile tries to colour, to move the cursor, to reorder text, to run a workflow command and to leave a markdown table.
const Hostile = "::error::x\x1b[31m\r\n::add-mask::y\u202e ##[error]z | </td> ``` <script> @team\x07\u009b"

// deepest is the depth limit of Fill: errors and images hold some of their own type.
const deepest = 12

// Fill sets every string below v to Hostile and gives every slice, map and pointer one element.
func Fill(v reflect.Value) { fillTo(v, deepest) }

func fillTo(v reflect.Value, depth int) {
	if depth == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(Hostile)
	case reflect.Struct:
		if v.Type() == reflect.TypeOf(Time) {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillTo(v.Field(i), depth-1)
			}
		}
	case reflect.Slice:
		if v.Type().Elem() == v.Type() || v.Len() > 0 {
			return
		}
		element := reflect.New(v.Type().Elem()).Elem()
		fillTo(element, depth-1)
		v.Set(reflect.Append(v, element))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillTo(v.Elem(), depth-1)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	}
}
