#include "reliability_svg.hpp"

#include <cmath>
#include <fstream>
#include <iomanip>
#include <sstream>

namespace byok::eval {
namespace {

constexpr double kSide = 300, kLeft = 56, kTop = 24;  // of the plot, in pixels

double X(double confidence) {
  return kLeft + kSide * confidence;
}
double Y(double share) {
  return kTop + kSide * (1 - share);
}

void DrawFrame(std::ostream& out) {
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"384\" "
         "viewBox=\"0 0 400 384\" font-family=\"sans-serif\" font-size=\"11\">\n"
         "<title>How often the returned answer was right, by its confidence</title>\n"
         "<rect width=\"400\" height=\"384\" fill=\"#ffffff\"/>\n"
      << "<rect x=\"" << X(0) << "\" y=\"" << Y(1) << "\" width=\"" << kSide << "\" height=\""
      << kSide << "\" fill=\"none\" stroke=\"#888888\"/>\n"
      << "<line x1=\"" << X(0) << "\" y1=\"" << Y(0) << "\" x2=\"" << X(1) << "\" y2=\"" << Y(1)
      << "\" stroke=\"#888888\" stroke-dasharray=\"4 4\"/>\n";
}

void DrawScales(std::ostream& out) {
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double at = tenth / 10.0;
    out << "<text x=\"" << X(at) << "\" y=\"" << Y(0) + 16 << "\" text-anchor=\"middle\">" << at
        << "</text>\n<text x=\"" << X(0) - 8 << "\" y=\"" << Y(at) + 4 << "\" text-anchor=\"end\">"
        << at << "</text>\n";
  }
  out << "<text x=\"" << X(0.5) << "\" y=\"" << Y(0) + 36
      << "\" text-anchor=\"middle\">confidence said</text>\n<text transform=\"translate(16 "
      << Y(0.5) << ") rotate(-90)\" text-anchor=\"middle\">share right</text>\n";
}

void DrawBin(std::ostream& out, const Bin& bin, std::size_t all) {
  constexpr double kRadius = 34;  // of a circle of all claims
  const double radius =
      kRadius * std::sqrt(static_cast<double>(bin.count) / static_cast<double>(all));
  const double x = X(bin.confidence), y = Y(bin.share_true);
  out << "<circle cx=\"" << x << "\" cy=\"" << y << "\" r=\"" << radius
      << "\" fill=\"#336791\" fill-opacity=\"0.75\"><title>" << bin.count
      << " answers</title></circle>\n<text x=\"" << x + radius + 3 << "\" y=\"" << y + 14
      << "\" fill=\"#555555\">" << bin.count << "</text>\n";
}

}  // namespace

bool WriteReliability(const std::string& path, const std::vector<Claim>& claims) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1);
  DrawFrame(out);
  DrawScales(out);
  for (const Bin& bin : BinsOf(claims)) {
    if (bin.count > 0) DrawBin(out, bin, claims.size());
  }
  out << std::setprecision(3) << "<text x=\"" << X(0) + 8 << "\" y=\"" << Y(1) + 18 << "\">"
      << claims.size() << " answers, calibration error " << CalibrationError(claims)
      << "</text>\n</svg>\n";
  std::ofstream file(path);
  file << out.str();
  return file.good();
}

}  // namespace byok::eval
