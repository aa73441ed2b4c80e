package io.howdah.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/** How data is written to stdout: JSON for programs, columns for people. */
final class Output {

  private Output() {
  }

  static String json(Object value) {
    return JsonMapper.shared().writeValueAsString(value);
  }

  /** One line for each row, under the names of their fields; "-" for null. All rows have the same fields, and there is one. */
  static String table(List<Map<String, Object>> rows) {
    List<List<String>> cells = new ArrayList<>();
    rows.forEach(row -> cells.add(row.values().stream().map(value -> Objects.toString(value, "-")).toList()));
    return table(List.copyOf(rows.getFirst().keySet()), cells);
  }

  /** Columns as wide as they must be; what is a number stands right. */
  static String table(List<String> headings, List<List<String>> rows) {
    List<List<String>> all = new ArrayList<>(List.of(headings));
    all.addAll(rows);
    int[] widths = new int[headings.size()];
    for (List<String> row : all) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : all) {
      text.append(line(row, rows, widths)).append(System.lineSeparator());
    }
    return text.toString();
  }

  private static String line(List<String> row, List<List<String>> rows, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      String cell = row.get(column);
      String padding = " ".repeat(widths[column] - cell.length());
      line.append(column == 0 ? "" : "  ").append(isNumeric(rows, column) ? padding + cell : cell + padding);
    }
    return line.toString().stripTrailing();
  }

  private static boolean isNumeric(List<List<String>> rows, int column) {
    return !rows.isEmpty() && rows.stream().allMatch(row -> row.get(column).matches("\\d+"));
  }
}
